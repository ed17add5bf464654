"""Programs that run in processes of their own, on files that nobody vouches for. They import nothing of the portal."""
