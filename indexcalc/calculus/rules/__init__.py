"""The rulebook, a file for each kind of rule; importing a file registers its rules."""
