"""Pictures of a board outside its sections lie in their order in an index of their own."""

# PostgreSQL takes the order of an index behind `section_id = …` and not behind `section_id IS NULL`.


def up(migrator, db):
    db.execute_sql("CREATE INDEX board_image_plain ON board_image (board_id, position, image_id) WHERE section_id IS NULL")


def down(migrator, db):
    db.execute_sql("DROP INDEX board_image_plain")
