"""Programs statement by statement, for targets that teach: loops, local slopes, spelled Python."""
