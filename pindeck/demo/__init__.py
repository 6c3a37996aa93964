"""The demonstration: generated pictures with people, projects, boards and states, for an installation that is still empty.

`plan` says what there is, `scenes` draws it, `filling` brings it in through the services, `removing` takes it away again. It may use
`services` and whatever lies below. Nothing that answers requests imports it.
"""
