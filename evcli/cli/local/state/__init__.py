"""The state directory as a whole: where it is, what is in it, out of it and back."""
