use std::net::SocketAddr;
use std::path::PathBuf;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

const NAME: &str = "guanxi-test";
const KEY_ID: &str = "test";
const SECRET: &str = "not-a-secret";

/// A bucket of a server that speaks S3, signatures included. Gone when dropped.
pub struct Bucket {
    folder: TempDir,
    address: SocketAddr,
    _serving: DropGuard,
}

impl Bucket {
    /// # Panics
    /// Where no port is free or no folder can be made.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join(NAME)).expect("a folder for the bucket");
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).expect("files in the folder"));
        service.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let end = CancellationToken::new();
        tokio::spawn(serve(listener, service.build(), end.clone()));
        Self { folder, address, _serving: end.drop_guard() }
    }

    /// The address of a place in it, as services take it.
    #[must_use]
    pub fn url(&self, prefix: &str) -> String {
        format!("s3://{NAME}/{prefix}")
    }

    /// The variables that lead to it.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ENDPOINT", format!("http://{}", self.address)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "cn-north-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", KEY_ID.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ]
    }

    /// Where the objects under a prefix are as files.
    #[must_use]
    pub fn folder(&self, prefix: &str) -> PathBuf {
        self.folder.path().join(NAME).join(prefix)
    }
}

async fn serve(listener: TcpListener, service: S3Service, end: CancellationToken) {
    while let Some(Ok((client, _))) = end.run_until_cancelled(listener.accept()).await {
        let (service, end) = (service.clone(), end.clone());
        tokio::spawn(async move {
            let http = Builder::new(TokioExecutor::new());
            let served = end.run_until_cancelled(http.serve_connection(TokioIo::new(client), service)).await;
            if let Some(Err(error)) = served {
                eprintln!("a connection to the bucket: {error}");
            }
        });
    }
}
