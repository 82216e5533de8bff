"""What ``gui.app`` connects, subject by subject: models, views, the workshop and the DAW meet here and nowhere else."""
