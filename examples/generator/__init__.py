"""The example retailer, invented from a seed: stores, people, sales, and all that goes wrong."""
