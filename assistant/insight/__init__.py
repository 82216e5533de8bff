"""Why a mix is as it is: what was heard, what was changed, what that did, and what drove it, all of it measured."""
