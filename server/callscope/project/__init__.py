"""What surrounds a file: configuration, and the framework release it will run on."""

from callscope.project.config import Config, ConfigProblem, load_config
from callscope.project.environment import Installed, installed_distributions
from callscope.project.project import Project
from callscope.project.projects import Projects
from callscope.project.workspace import Workspace

__all__ = [
    "Config",
    "ConfigProblem",
    "Installed",
    "Project",
    "Projects",
    "Workspace",
    "installed_distributions",
    "load_config",
]
