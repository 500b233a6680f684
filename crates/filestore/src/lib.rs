#![doc = include_str!("../README.md")]

use std::sync::Arc;

pub use object_store::path::Path;
pub use object_store::{Error, MultipartUpload, ObjectStore, ObjectStoreExt, WriteMultipart};

use url::Url;

/// What is wrong with an address. Says nothing of it: it may hold a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    #[error("must be file:///folder or s3://bucket/prefix")]
    Address,
    #[error("is refused by the store, or the AWS_* variables are")]
    Refused,
}

/// A store, and where in it ours begins.
#[derive(Debug, Clone)]
pub struct Place {
    pub store: Arc<dyn ObjectStore>,
    pub root: Path,
}

impl Place {
    /// Reads an address; for a bucket also the `AWS_*` variables of the environment. Whoever opens a bucket has installed
    /// a provider of rustls before.
    ///
    /// # Errors
    /// Where the address is of another kind, or not enough is known of the bucket.
    pub fn open(url: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, Mistake> {
        let url = Url::parse(url).map_err(|_| Mistake::Address)?;
        if !matches!(url.scheme(), "file" | "s3") {
            return Err(Mistake::Address);
        }
        let options = environment.into_iter().map(|(name, value)| (name.to_lowercase(), value));
        let options = options.filter(|(name, _)| name.starts_with("aws_"));
        let (store, root) = object_store::parse_url_opts(&url, options).map_err(|_| Mistake::Refused)?;
        Ok(Self { store: store.into(), root })
    }

    #[must_use]
    pub fn path(&self, folder: &str, name: &str) -> Path {
        self.root.clone().join(folder).join(name)
    }
}
