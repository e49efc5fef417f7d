"""A state folder and a backup of each release, with throwaway keys: what later versions open, migrate and restore."""
