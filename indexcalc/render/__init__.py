"""What a person sees: one file a page or format."""
