CREATE TABLE "user" (
  id TEXT PRIMARY KEY,
  email TEXT UNIQUE CHECK (email = lower(email)),
  name TEXT NOT NULL DEFAULT '',
  role TEXT NOT NULL CHECK (role IN ('admin', 'curator', 'guest')),
  password_hash TEXT,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT,
  disabled_at BIGINT,
  CHECK (role = 'guest' OR (email IS NOT NULL AND password_hash IS NOT NULL))
);

CREATE TABLE session (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  address TEXT NOT NULL DEFAULT '',
  agent TEXT NOT NULL DEFAULT ''
);
CREATE INDEX session_by_user ON session (user_id);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE invite (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  purpose TEXT NOT NULL CHECK (purpose IN ('invite', 'reset')),
  role TEXT CHECK (role IN ('admin', 'curator')),
  user_id TEXT REFERENCES "user" (id) ON DELETE CASCADE,
  created_by TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  used_by TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  CHECK ((purpose = 'invite' AND role IS NOT NULL) OR (purpose = 'reset' AND user_id IS NOT NULL))
);

CREATE TABLE attempt (
  id {serial},
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX attempt_subject ON attempt (kind, subject, at);

CREATE TABLE setup (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE project (
  id TEXT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  is_default BOOLEAN NOT NULL DEFAULT FALSE,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX project_one_default ON project (is_default) WHERE is_default;

CREATE TABLE client (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('master', 'project', 'extension')),
  identifier TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL DEFAULT '',
  project_id TEXT REFERENCES project (id) ON DELETE RESTRICT,
  install_scope TEXT CHECK (install_scope IN ('user', 'operator')),
  user_id TEXT REFERENCES "user" (id) ON DELETE RESTRICT,
  permissions TEXT NOT NULL DEFAULT '[]',
  created_at BIGINT NOT NULL,
  disabled_at BIGINT,
  CHECK (kind <> 'project' OR project_id IS NOT NULL),
  CHECK (kind <> 'extension' OR install_scope IS NOT NULL),
  CHECK (install_scope IS NULL OR install_scope <> 'user' OR user_id IS NOT NULL)
);

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,
  prefix TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX api_key_client ON api_key (client_id);

CREATE TABLE blob (
  id TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  size BIGINT NOT NULL CHECK (size >= 0),
  bucket TEXT NOT NULL,
  object_key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'deleting')),
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX blob_one_live ON blob (sha256) WHERE state = 'live';
CREATE INDEX blob_deleting ON blob (created_at) WHERE state = 'deleting';

CREATE TABLE derivative (
  id TEXT PRIMARY KEY,
  blob_id TEXT NOT NULL REFERENCES blob (id) ON DELETE CASCADE,
  preset TEXT NOT NULL,
  preset_version INTEGER NOT NULL,
  object_key TEXT NOT NULL UNIQUE,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  mime TEXT NOT NULL,
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  bytes BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (blob_id, preset)
);

CREATE TABLE stored_file (
  id TEXT PRIMARY KEY,
  file_key TEXT NOT NULL UNIQUE,
  blob_id TEXT NOT NULL REFERENCES blob (id) ON DELETE RESTRICT,
  declared_type TEXT,
  filename TEXT,
  user_id TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  client_id TEXT REFERENCES client (id) ON DELETE SET NULL,
  project_id TEXT REFERENCES project (id) ON DELETE SET NULL,
  purpose TEXT NOT NULL CHECK (purpose IN ('file', 'image')),
  created_at BIGINT NOT NULL,
  claim_deadline BIGINT
);
CREATE INDEX stored_file_blob ON stored_file (blob_id);
CREATE INDEX stored_file_claim ON stored_file (claim_deadline) WHERE claim_deadline IS NOT NULL;

CREATE TABLE upload_ticket (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  user_id TEXT REFERENCES "user" (id) ON DELETE CASCADE,
  client_id TEXT REFERENCES client (id) ON DELETE CASCADE,
  project_id TEXT REFERENCES project (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL CHECK (purpose IN ('file', 'image')),
  max_bytes BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  stored_file_id TEXT REFERENCES stored_file (id) ON DELETE SET NULL,
  CHECK (user_id IS NOT NULL OR client_id IS NOT NULL)
);
CREATE INDEX upload_ticket_expires ON upload_ticket (expires_at);

CREATE TABLE flow (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES project (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (id, project_id)
);
CREATE INDEX flow_project ON flow (project_id);

CREATE TABLE import_batch (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  origin TEXT NOT NULL,
  source_url TEXT,
  created_count INTEGER NOT NULL DEFAULT 0,
  skipped_count INTEGER NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);

CREATE TABLE image (
  seq {seq},
  id TEXT NOT NULL UNIQUE,
  project_id TEXT NOT NULL REFERENCES project (id) ON DELETE RESTRICT,
  flow_id TEXT,
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE RESTRICT,
  client_id TEXT REFERENCES client (id) ON DELETE SET NULL,
  file_id TEXT UNIQUE REFERENCES stored_file (id) ON DELETE RESTRICT,
  external_url TEXT,
  original_filename TEXT NOT NULL DEFAULT '',
  mime TEXT,
  size BIGINT,
  width INTEGER CHECK (width > 0),
  height INTEGER CHECK (height > 0),
  visibility TEXT NOT NULL DEFAULT 'library' CHECK (visibility IN ('library', 'unlisted', 'private')),
  status TEXT NOT NULL CHECK (status IN ('draft', 'pending', 'active', 'broken')),
  ai_status TEXT NOT NULL DEFAULT 'queued' CHECK (ai_status IN ('queued', 'processing', 'completed', 'failed')),
  ai_started_at BIGINT,
  ai_error TEXT,
  persist_status TEXT NOT NULL DEFAULT 'pending' CHECK (persist_status IN ('pending', 'succeeded', 'failed')),
  persist_error TEXT,
  origin TEXT NOT NULL DEFAULT 'upload' CHECK (origin IN ('upload', 'discord', 'pinterest', 'ai')),
  title TEXT NOT NULL DEFAULT '',
  description TEXT,
  category TEXT NOT NULL DEFAULT 'General',
  "group" TEXT,
  genre TEXT,
  shot TEXT,
  style TEXT,
  attribution TEXT,
  sref TEXT,
  moodboard TEXT,
  unique_tag TEXT UNIQUE,
  project_order INTEGER,
  colors TEXT NOT NULL DEFAULT '[]',
  dominant TEXT,
  thumbhash TEXT,
  exif TEXT NOT NULL DEFAULT '{{}}',
  gps TEXT,
  focal_x DOUBLE PRECISION CHECK (focal_x BETWEEN 0 AND 1),
  focal_y DOUBLE PRECISION CHECK (focal_y BETWEEN 0 AND 1),
  meta TEXT NOT NULL DEFAULT '{{}}',
  parent_id TEXT REFERENCES image (id) ON DELETE SET NULL,
  generation_id TEXT,
  external_id TEXT,
  source_url TEXT,
  import_urls TEXT,
  import_batch_id TEXT REFERENCES import_batch (id) ON DELETE SET NULL,
  subject_character TEXT,
  subject_chat TEXT,
  likes INTEGER NOT NULL DEFAULT 0 CHECK (likes >= 0),
  views INTEGER NOT NULL DEFAULT 0 CHECK (views >= 0),
  public_token TEXT UNIQUE,
  last_alias TEXT,
  version INTEGER NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  uploaded_at BIGINT,
  ingested_at BIGINT,
  deleted_at BIGINT,
  deleted_by TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  is_listed BOOLEAN NOT NULL GENERATED ALWAYS AS
    (status = 'active' AND visibility = 'library' AND deleted_at IS NULL) STORED,
  CHECK (file_id IS NOT NULL OR external_url IS NOT NULL),
  CHECK ((focal_x IS NULL) = (focal_y IS NULL)),
  FOREIGN KEY (flow_id, project_id) REFERENCES flow (id, project_id)
);
CREATE UNIQUE INDEX image_external ON image (user_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX image_listed ON image (is_listed, seq);
CREATE INDEX image_listed_category ON image (category, is_listed, seq);
CREATE INDEX image_listed_group ON image ("group", is_listed, seq);
CREATE INDEX image_listed_both ON image (category, "group", is_listed, seq);
CREATE INDEX image_owner ON image (user_id, status, seq);
CREATE INDEX image_trash ON image (user_id, deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX image_trash_age ON image (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX image_project ON image (project_id, seq);
CREATE INDEX image_flow ON image (flow_id, project_id) WHERE flow_id IS NOT NULL;
CREATE INDEX image_parent ON image (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX image_ai ON image (ai_started_at) WHERE ai_status IN ('queued', 'processing');
CREATE INDEX image_source ON image (user_id, external_url) WHERE external_url IS NOT NULL;

CREATE TABLE image_tag (
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  tag TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (image_id, tag)
);
CREATE INDEX image_tag_tag ON image_tag (tag);

CREATE TABLE alias (
  id TEXT PRIMARY KEY,
  project_id TEXT REFERENCES project (id) ON DELETE CASCADE,
  flow_id TEXT REFERENCES flow (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  set_by TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK ((project_id IS NULL) <> (flow_id IS NULL))
);
CREATE UNIQUE INDEX alias_in_project ON alias (project_id, name_key) WHERE project_id IS NOT NULL;
CREATE UNIQUE INDEX alias_in_flow ON alias (flow_id, name_key) WHERE flow_id IS NOT NULL;
CREATE UNIQUE INDEX alias_one_per_image ON alias (image_id) WHERE project_id IS NOT NULL;
CREATE INDEX alias_image ON alias (image_id);

CREATE TABLE generation (
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL REFERENCES project (id) ON DELETE CASCADE,
  flow_id TEXT REFERENCES flow (id) ON DELETE SET NULL,
  user_id TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  status TEXT NOT NULL,
  prompt TEXT NOT NULL DEFAULT '',
  params TEXT NOT NULL DEFAULT '{{}}',
  inputs TEXT NOT NULL DEFAULT '[]',
  output_image_id TEXT REFERENCES image (id) ON DELETE SET NULL,
  error TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX generation_output ON generation (output_image_id) WHERE output_image_id IS NOT NULL;

CREATE TABLE "like" (
  user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, image_id)
){without_rowid};
CREATE INDEX like_image ON "like" (image_id);

CREATE TABLE viewing (
  session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  PRIMARY KEY (session_id, image_id)
){without_rowid};
CREATE INDEX viewing_image ON viewing (image_id);

CREATE TABLE field_event (
  id {serial},
  image_id TEXT NOT NULL REFERENCES image (id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  old TEXT,
  new TEXT,
  writer TEXT NOT NULL CHECK (writer IN ('machine', 'import', 'rule', 'person')),
  user_id TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  client_id TEXT REFERENCES client (id) ON DELETE SET NULL,
  program TEXT,
  action_id TEXT NOT NULL,
  reverts_id BIGINT,
  at BIGINT NOT NULL
);
CREATE INDEX field_event_field ON field_event (image_id, field, id);
CREATE INDEX field_event_action ON field_event (action_id);

CREATE TABLE job (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  queue TEXT NOT NULL CHECK (queue IN ('media', 'io', 'ai')),
  image_id TEXT REFERENCES image (id) ON DELETE CASCADE,
  user_id TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  payload TEXT NOT NULL DEFAULT '{{}}',
  dedupe_key TEXT,
  status TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'completed', 'failed')),
  stage TEXT NOT NULL DEFAULT '',
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at BIGINT NOT NULL,
  pushed_at BIGINT,
  lease_until BIGINT,
  error TEXT,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  ended_at BIGINT
);
CREATE UNIQUE INDEX job_dedupe ON job (dedupe_key) WHERE dedupe_key IS NOT NULL AND status = 'queued';
CREATE INDEX job_due ON job (due_at) WHERE status = 'queued';
CREATE INDEX job_lease ON job (lease_until) WHERE status = 'running';
CREATE INDEX job_image ON job (image_id) WHERE image_id IS NOT NULL;
CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE activity (
  id {serial},
  at BIGINT NOT NULL,
  user_id TEXT REFERENCES "user" (id) ON DELETE SET NULL,
  client_id TEXT REFERENCES client (id) ON DELETE SET NULL,
  verb TEXT NOT NULL,
  image_id TEXT,
  detail TEXT NOT NULL DEFAULT '{{}}'
);
CREATE INDEX activity_image ON activity (image_id) WHERE image_id IS NOT NULL;

CREATE TABLE idempotency (
  id TEXT PRIMARY KEY,
  request_hash TEXT NOT NULL,
  status INTEGER,
  body TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE project_count (
  project_id TEXT NOT NULL REFERENCES project (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  n BIGINT NOT NULL CHECK (n >= 0),
  PRIMARY KEY (project_id, kind)
);
