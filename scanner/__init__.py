"""Paper to sheets: files and folders of scans, split into pages and paired; nothing that went in is lost."""
