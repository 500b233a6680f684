//! The data folder: who owns it, which files are in it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{} is in use by another guanxi process; stop it, or name another folder with --data", .0.display())]
    InUse(PathBuf),
    #[error("cannot use the data folder {}: {source}", .folder.display())]
    Unusable { folder: PathBuf, source: std::io::Error },
    #[error("{} holds characters that are not UTF-8; name another folder with --data", .0.display())]
    Unspeakable(PathBuf),
    #[error("{} does not exist yet; `guanxi serve --data` makes it", .0.display())]
    Missing(PathBuf),
}

/// A data folder that exists.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    name: String,
}

/// A data folder that no other process may claim while this lives.
#[derive(Debug)]
pub struct Claimed {
    folder: Folder,
    // The lock goes with the file handle: the system frees it even after a crash.
    _lock: File,
}

impl Folder {
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let full = path.canonicalize().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => FolderError::Missing(path.to_owned()),
            _ => FolderError::Unusable { folder: path.to_owned(), source },
        })?;
        let name = full.to_str().ok_or_else(|| FolderError::Unspeakable(full.clone()))?.to_owned();
        Ok(Self { path: full, name })
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Address of a service's database file.
    pub fn database_url(&self, service: &str) -> String {
        format!("sqlite:{}/{service}.db", self.name)
    }

    /// Address of the bus file.
    pub fn bus_url(&self) -> String {
        format!("local:{}/bus.db", self.name)
    }

    /// Writes a file that only its owner may read, whole or not at all.
    pub fn write_private(&self, name: &str, content: &[u8]) -> Result<(), FolderError> {
        let draft = self.file(&format!("{name}.new"));
        let write = || {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            file.write_all(content)?;
            file.sync_all()?;
            std::fs::rename(&draft, self.file(name))
        };
        write().map_err(|source| self.unusable(source))
    }

    /// The content of a file, or nothing when there is no such file.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FolderError> {
        match std::fs::read(self.file(name)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.unusable(source)),
        }
    }

    fn unusable(&self, source: std::io::Error) -> FolderError {
        FolderError::Unusable { folder: self.path.clone(), source }
    }
}

impl Claimed {
    /// Makes the folder where there is none, readable for its owner only, and locks it.
    pub fn claim(path: &Path) -> Result<Self, FolderError> {
        let unusable = |source| FolderError::Unusable { folder: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        let folder = Folder::open(path)?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.file("lock"))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse(folder.path)),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}

impl std::ops::Deref for Claimed {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_has_one_owner_at_a_time() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("deep/data");
        let first = Claimed::claim(&path).expect("claimed");
        assert!(matches!(Claimed::claim(&path), Err(FolderError::InUse(_))));
        drop(first);
        Claimed::claim(&path).expect("free again");
        let mode = std::fs::metadata(&path).expect("a folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn private_files_are_private() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = Claimed::claim(parent.path()).expect("claimed");
        assert_eq!(folder.read("note").expect("readable"), None);
        folder.write_private("note", b"secret").expect("written");
        assert_eq!(folder.read("note").expect("readable").as_deref(), Some(b"secret".as_slice()));
        let mode = std::fs::metadata(folder.file("note")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = Folder::open(Path::new("/nowhere/at/all")).expect_err("missing");
        assert!(error.to_string().starts_with("/nowhere/at/all does not exist"));
    }
}
