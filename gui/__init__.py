"""The desktop companion."""
