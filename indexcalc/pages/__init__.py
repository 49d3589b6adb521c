"""What goes on each page, and in which order: a file for each kind of page."""
