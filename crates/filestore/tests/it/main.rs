//! A folder and a bucket are the same to whoever keeps files in them.

use bytes::Bytes;
use filestore::{Error, ObjectStoreExt as _, Path, Place, WriteMultipart};
use futures::TryStreamExt as _;
use testkit::Bucket;

/// More than one part of an upload.
const LARGE: usize = 12 * 1024 * 1024;

fn open(url: &str, environment: &[(&'static str, String)]) -> Place {
    // A second test of the process finds it installed.
    rustls::crypto::ring::default_provider().install_default().ok();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Place::open(url, environment).expect("a place")
}

/// Names below the place, and sizes.
async fn listed(place: &Place) -> Vec<(String, u64)> {
    let files: Vec<_> = place.store.list(Some(&place.root)).try_collect().await.expect("a list");
    let name = |path: &Path| {
        let parts = path.prefix_match(&place.root).expect("below the place");
        parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/")
    };
    let mut files: Vec<_> = files.into_iter().map(|file| (name(&file.location), file.size)).collect();
    files.sort();
    files
}

async fn files_come_and_go(place: &Place) {
    let (small, large) = (place.path("CP-1", "small"), place.path("CP-2", "large"));
    place.store.put(&small, "a file".into()).await.expect("kept");
    let mut upload = WriteMultipart::new(place.store.put_multipart(&large).await.expect("an upload"));
    let content: Vec<u8> = (0..LARGE).map(|at| u8::try_from(at % 251).expect("a byte")).collect();
    for piece in content.chunks(1_000_000) {
        upload.wait_for_capacity(1).await.expect("room");
        upload.write(piece);
    }
    upload.finish().await.expect("kept");
    let mut refused =
        WriteMultipart::new(place.store.put_multipart(&place.path("CP-2", "refused")).await.expect("one"));
    refused.write(&content);
    refused.abort().await.expect("gone");

    let size = u64::try_from(LARGE).expect("a size");
    assert_eq!(listed(place).await, [("CP-1/small".to_owned(), 6), ("CP-2/large".to_owned(), size)]);
    let whole = place.store.get(&large).await.expect("there").bytes().await.expect("whole");
    assert!(whole == content, "{} bytes came back, other ones", whole.len());
    assert_eq!(place.store.get_range(&small, 2..6).await.expect("a part"), Bytes::from_static(b"file"));

    place.store.delete(&large).await.expect("gone");
    assert_eq!(listed(place).await, [("CP-1/small".to_owned(), 6)]);
    assert!(matches!(place.store.get(&large).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn files_come_and_go_in_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = open(&format!("file://{}", folder.path().display()), &[]);
    files_come_and_go(&place).await;
}

#[tokio::test]
async fn files_come_and_go_in_a_bucket() {
    let bucket = Bucket::start().await;
    files_come_and_go(&open(&bucket.url("files"), &bucket.environment())).await;
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_not_told() {
    let bucket = Bucket::start().await;
    let mut environment = bucket.environment();
    environment[4].1 = "hunter2".to_owned();
    let place = open(&bucket.url("files"), &environment);
    let refused = place.store.put(&place.path("CP-1", "small"), "a file".into()).await.expect_err("refused");
    assert!(!format!("{refused:?} {refused}").contains("hunter2"), "{refused:?}");
    assert!(!bucket.folder("files").exists());
}
