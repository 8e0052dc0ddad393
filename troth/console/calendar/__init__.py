"""The care calendar's pages."""
