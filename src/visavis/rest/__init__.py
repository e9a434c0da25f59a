"""HTTP manners without any resource: who may pass, what errors look like, paging, limits.

`manners.install(app, ...)` gives a FastAPI application all of them; endpoints say in their signature what a caller
needs (`CanRead`, `CanWrite`) and what a body looks like (`Annotated[Model, json_body(Model)]`).
"""
