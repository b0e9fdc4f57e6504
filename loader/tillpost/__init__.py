"""Tillpost: store sales from a warehouse to Meta's Conversions API."""
