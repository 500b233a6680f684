DROP TABLE qualifications;
DROP TABLE qualification_policies;
