ALTER TABLE clocks ADD COLUMN policy text NOT NULL DEFAULT '';
ALTER TABLE clocks ADD COLUMN acknowledge_by timestamptz NOT NULL DEFAULT 'epoch';
ALTER TABLE clocks ADD COLUMN respond_by timestamptz NOT NULL DEFAULT 'epoch';
ALTER TABLE clocks ADD COLUMN resolve_by timestamptz NOT NULL DEFAULT 'epoch';
