DROP TABLE profile_acts;
DROP TABLE profile_authors;
DROP TABLE profile_versions;
