"""The replay: one HTML file that plays a scored scene, without a server or a network."""

from forkroad.replay.page import replay_page

__all__ = ["replay_page"]
