"""Database manners; no table in here.

`Database.execute` is the one door to either database, `transaction` groups statements, `ProjectRepository` is bound to
a project by construction, `migrate` brings the schema up to date.
"""

from visavis.store.database import Conflict, Database, Door, Rows
from visavis.store.migrate import migrate
from visavis.store.open import open_database
from visavis.store.repository import ProjectRepository
from visavis.store.tables import metadata

__all__ = ["Conflict", "Database", "Door", "ProjectRepository", "Rows", "metadata", "migrate", "open_database"]
