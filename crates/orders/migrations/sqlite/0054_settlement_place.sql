-- How far a settlement report was compared, as JSON, while it is not compared whole: a large one is compared in parts,
-- one with each run. Nothing of it when none was.
ALTER TABLE settlement_report ADD COLUMN place TEXT;
