"""Results in the forms that others read: JSON, CSV, and a page of its own."""
