"""The probe behind order.json: an extension for ``bicep local-deploy`` whose resources only take time, or fail."""
