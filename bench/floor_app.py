"""The floor: the least Flask and SQLite that does the work of each workload, for ratios.

/hello, /page (newest 50 cards), /page?before=ID (by keyset), /search?q= (FTS5, 50 cards, newest first),
/like/ID (POST; a row and a counter change in one transaction), /thumb/NAME (send_from_directory).
FLOOR_SYNC is SQLite's `synchronous`: normal does no fsync on a commit, full does one.
"""

import os
import sqlite3
import threading
from pathlib import Path

from flask import Flask, Response, jsonify, request, send_from_directory

from bench import corpus

app = Flask(__name__)
_local = threading.local()

PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>Gallery</title><link rel=stylesheet href=/static/a.css>
<script src=/static/htmx.js defer></script>
<header><nav><a href=/>Gallery</a><a href=/boards>Boards</a></nav><form action=/search><input name=q value="{{ q }}"></form>
</header><main class=grid>
{% for r in rows %}<article class=card id=i{{ r.id }}><a href=/i/{{ r.id }}><img loading=lazy width={{ r.w }} height={{ r.h }}
 src="/d/{{ r.id }}-w320.webp" srcset="/d/{{ r.id }}-w320.webp 320w, /d/{{ r.id }}-w768.webp 768w" alt="{{ r.title }}"></a>
<h3>{{ r.title }}</h3><p>{{ r.category }} - {{ r.grp }}</p>
<ul>{% for t in r.tags.split(' ') %}<li><a href="/?tag={{ t }}">{{ t }}</a></li>{% endfor %}</ul>
<button hx-post=/like/{{ r.id }} hx-swap=outerHTML>{{ r.likes }}</button></article>
{% endfor %}</main>{% if rows %}<a hx-get="/page?before={{ rows[-1].id }}" hx-trigger=revealed>more</a>{% endif %}</html>"""
# Compiled once: render_template_string would compile it for every request.
TEMPLATE = app.jinja_env.from_string(PAGE)
COLUMNS = "i.id, i.title, i.category, i.grp, i.tags, i.w, i.h, i.likes"


def db() -> sqlite3.Connection:
    """One connection for each thread."""
    if not hasattr(_local, "connection"):
        connection = sqlite3.connect(os.environ["FLOOR_DB"], isolation_level=None, timeout=30)
        connection.row_factory = sqlite3.Row
        sync = os.environ.get("FLOOR_SYNC", "normal")
        connection.executescript(f"pragma journal_mode=wal; pragma synchronous={sync}; pragma mmap_size=268435456;")
        _local.connection = connection
    return _local.connection


@app.get("/hello")
def hello() -> str:
    return "hello"


@app.get("/page")
def page() -> str:
    before = int(request.args.get("before", 1 << 60))
    sql = f"select {COLUMNS} from images i where id < ? order by id desc limit 50"
    return TEMPLATE.render(rows=db().execute(sql, (before,)).fetchall(), q="")


@app.get("/search")
def search() -> str:
    q = request.args["q"]
    sql = (
        f"select {COLUMNS} from fts join images i on i.id = fts.rowid where fts match ?"
        " order by fts.rowid desc limit 50"
    )
    rows = db().execute(sql, ('"{}"'.format(q.replace('"', '""')),)).fetchall()
    return TEMPLATE.render(rows=rows, q=q)


@app.post("/like/<int:number>")
def like(number: int) -> str:
    connection = db()
    connection.execute("begin immediate")
    step = 1 if connection.execute("insert or ignore into likes values (1, ?)", (number,)).rowcount else -1
    if step < 0:
        connection.execute("delete from likes where user = 1 and image = ?", (number,))
    sql = "update images set likes = likes + ? where id = ? returning likes"
    likes = connection.execute(sql, (step, number)).fetchone()[0]
    connection.execute("commit")
    return f"<button hx-post=/like/{number} hx-swap=outerHTML>{likes}</button>"


@app.get("/thumb/<name>")
def thumb(name: str) -> Response:
    return send_from_directory(os.environ["FLOOR_THUMBS"], name, max_age=31536000)


@app.get("/api/images")
def images() -> Response:
    """Images of Pindeck's own database with their aliases, and the total it keeps: FLOOR_DB is that file then."""
    limit, offset = int(request.args.get("limit", 20)), int(request.args.get("offset", 0))
    project = "00000000-0000-7000-8000-000000000000"
    rows = db().execute(MANAGED, (project, limit, offset)).fetchall()
    total = db().execute("select n from project_count where project_id = ? and kind = 'listed'", (project,)).fetchone()
    pagination = {"total": total["n"], "limit": limit, "offset": offset, "hasMore": offset + len(rows) < total["n"]}
    return jsonify(success=True, data=[dict(row) for row in rows], pagination=pagination)


MANAGED = """
select i.id, i.project_id, i.flow_id, i.mime, i.size, i.width, i.height, i.origin, a.name as alias, i.focal_x, i.focal_y,
  i.meta, i.created_at, i.updated_at
from image i left join alias a on a.image_id = i.id and a.project_id is not null
where i.project_id = ? and i.status = 'active' and i.visibility <> 'private' and i.deleted_at is null
order by i.created_at desc, i.id desc limit ? offset ?"""


def build(path: Path, count: int) -> None:
    """Make the floor's database from the same records as Pindeck's."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        pragma journal_mode=wal;
        create table images (id integer primary key, title text, description text, category text, grp text, tags text,
          w int, h int, likes int, created int);
        create table likes (user int, image int, primary key (user, image)) without rowid;
        create virtual table fts using fts5 (title, tags, content='', detail=none);
        """
    )
    for r in corpus.records(count):
        number, tags = r["i"] + 1, " ".join(r["tags"])
        connection.execute(
            "insert into images values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, r["title"], r["description"], r["category"], r["group"], tags, r["w"], r["h"], r["likes"],
             r["created"]),
        )  # fmt: skip
        connection.execute("insert into fts (rowid, title, tags) values (?, ?, ?)", (number, r["title"], tags))
    connection.commit()
    connection.execute("analyze")
    connection.execute("insert into fts (fts) values ('optimize')")
    connection.commit()
    connection.close()
