"""The pages of stars, benefits and households."""
