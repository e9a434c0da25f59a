"""The control plane: projects, assets, applications (robots), dialogs (rooms) and tasks (jobs) over REST.

One folder per resource, the same names in each: model, schemas, repository, service, endpoints. `control.plane.build`
puts them together for the composition root.
"""
