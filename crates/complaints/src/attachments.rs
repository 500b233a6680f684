//! Where the files of complaints are, and how much may be put there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chassis::{Context, Key, State};
use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::{ComplaintAttachmentId, ComplaintId};
use database::{Db, Id};
use filestore::{ObjectStore, ObjectStoreExt as _, Path, Place};
use futures::TryStreamExt as _;
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::error::Error;
use crate::store::attachments;

const BYTES: &str = "10485760";
const COUNT: &str = "20";

pub const KEYS: [Key; 3] = [
    Key::optional(
        "attachments_url",
        "where files are kept: file:///folder, or s3://bucket/prefix with the AWS_* variables; without it none are taken",
    ),
    Key::with_default("attachment_bytes", "the most bytes that one file may have", BYTES),
    Key::with_default("attachment_count", "the most files that one complaint may have", COUNT),
];

/// Uploads take less than this; an older file without a row has lost its upload.
const ORPHANED_AFTER: TimeDelta = TimeDelta::days(1);
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);
const BATCH: usize = 200;

/// The store, and how much may be put into it.
#[derive(Debug)]
pub struct Attachments {
    place: Option<Place>,
    /// Bytes of one file.
    pub largest: u64,
    /// Files of one complaint.
    pub most: usize,
}

impl Attachments {
    pub fn prepare(context: &Context) -> BoxFuture<'_, Result<State, Vec<String>>> {
        let made = Self::of(&context.settings.extra, std::env::vars());
        Box::pin(std::future::ready(made.map(|made| Arc::new(made) as State)))
    }

    /// Those that the service was started with.
    ///
    /// # Panics
    /// In the context of another service.
    pub fn in_context(context: &Context) -> Arc<Self> {
        context.state().expect("the complaints service's own context")
    }

    fn of(
        settings: &BTreeMap<String, String>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<String>> {
        let mut mistakes = vec![];
        let mut number = |key: &str, default: &str| {
            let text = settings.get(key).map_or(default, String::as_str);
            text.parse::<u64>().ok().filter(|number| *number > 0).unwrap_or_else(|| {
                mistakes.push(format!("{key} must be a number from 1, not {text:?}"));
                1
            })
        };
        let largest = number("attachment_bytes", BYTES);
        let most = usize::try_from(number("attachment_count", COUNT)).unwrap_or(usize::MAX);
        let place = match settings.get("attachments_url") {
            None => None,
            Some(url) => {
                chassis::install_crypto();
                let place = Place::open(url, environment);
                place.inspect_err(|mistake| mistakes.push(format!("attachments_url {mistake}"))).ok()
            }
        };
        if mistakes.is_empty() { Ok(Self { place, largest, most }) } else { Err(mistakes) }
    }

    fn place(&self) -> Result<&Place, Error> {
        self.place.as_ref().ok_or(Error::AttachmentsOff)
    }

    pub fn store(&self) -> Result<&Arc<dyn ObjectStore>, Error> {
        Ok(&self.place()?.store)
    }

    pub fn path(&self, complaint: ComplaintId, id: ComplaintAttachmentId) -> Result<Path, Error> {
        Ok(self.place()?.path(&complaint.to_string(), &id.to_string()))
    }

    /// Deletes the files without a row that were there before an instant, and says how many.
    pub async fn sweep(&self, db: &Db, before: DateTime<Utc>) -> Result<u64, Error> {
        let Place { store, root } = self.place()?;
        let files = store.list(Some(root)).try_filter(|file| std::future::ready(file.last_modified < before));
        let mut batches = files.try_chunks(BATCH);
        let mut swept = 0;
        while let Some(files) = batches.try_next().await.map_err(|error| error.1)? {
            let id = |path: &Path| path.filename()?.parse::<Uuid>().ok().map(Id::from);
            let ids: Vec<Id> = files.iter().filter_map(|file| id(&file.location)).collect();
            let known = attachments::known(&mut db.read().await?, &ids).await?;
            for file in files {
                // What is not named as ours is not ours.
                if id(&file.location).is_some_and(|id| !known.contains(&id)) {
                    store.delete(&file.location).await?;
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }
}

/// Sweeps what uploads have lost, now and then, until shutdown.
pub fn sweep_now_and_then(context: Context) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let attachments = Attachments::in_context(&context);
        if attachments.place.is_none() {
            return;
        }
        let sweeping = async {
            let mut ticks = tokio::time::interval(SWEEP_EVERY);
            loop {
                ticks.tick().await;
                match attachments.sweep(&context.db, Utc::now() - ORPHANED_AFTER).await {
                    Ok(0) => {}
                    Ok(swept) => tracing::info!(swept, "deleted files whose upload was lost"),
                    Err(error) => tracing::warn!(%error, "files whose upload was lost stay a while longer"),
                }
            }
        };
        context.shutdown.run_until_cancelled(sweeping).await;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Attachments, Vec<String>> {
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        Attachments::of(&owned(settings).into_iter().collect(), owned(environment))
    }

    #[test]
    fn a_folder_or_a_bucket_or_nothing() {
        assert!(of(&[], &[]).expect("off").place.is_none());
        assert!(of(&[("attachments_url", "file:///tmp/guanxi")], &[]).expect("a folder").place.is_some());
        let keys = [("AWS_REGION", "cn-north-1"), ("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "key")];
        let bucket = of(&[("attachments_url", "s3://guanxi/files")], &keys).expect("a bucket");
        assert_eq!(bucket.place.expect("a place").root.as_ref(), "files");
    }

    #[test]
    fn all_mistakes_are_told_and_no_secret_with_them() {
        let wrong =
            [("attachments_url", "ftp://hunter2@host"), ("attachment_bytes", "0"), ("attachment_count", "many")];
        let mistakes = of(&wrong, &[]).expect_err("mistakes");
        assert_eq!(
            mistakes,
            [
                "attachment_bytes must be a number from 1, not \"0\"",
                "attachment_count must be a number from 1, not \"many\"",
                "attachments_url must be file:///folder or s3://bucket/prefix",
            ]
        );
    }
}
