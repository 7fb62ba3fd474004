"""The desk: web pages where reviewers rule on doubtful sheets."""
