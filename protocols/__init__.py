"""Where sessions come from and mixes go to: readers of stems folders and mix files."""
