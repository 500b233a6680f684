#![doc = include_str!("../README.md")]

#[cfg(feature = "app")]
mod app;
#[cfg(feature = "bucket")]
mod bucket;
mod bus;
#[cfg(feature = "app")]
mod client;
mod database;
mod events;
mod eventually;
mod golden;
#[cfg(feature = "app")]
mod guard;
mod migrations;
mod proxy;
mod redact;
mod tap;
mod traces;

#[cfg(feature = "app")]
pub use app::App;
#[cfg(feature = "bucket")]
pub use bucket::Bucket;
pub use bus::TestBus;
#[cfg(feature = "app")]
pub use client::{Answer, Client};
pub use database::TestDb;
pub use events::{envelope, golden_events};
pub use eventually::eventually;
pub use golden::compare_golden;
pub use migrations::assert_reversible;
pub use proxy::Proxy;
pub use redact::redact;
pub use tap::Tap;
pub use traces::traces;

/// What the macros name.
#[doc(hidden)]
pub mod reexport {
    pub use {serde_json, tokio};
}

/// Expands one test body into `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// testkit::both! {
///     async fn a_customer_is_kept(db: TestDb) { … }
/// }
/// ```
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident : TestDb) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn body($db: $crate::TestDb) $body

            #[$crate::reexport::tokio::test(flavor = "multi_thread", worker_threads = 2, crate = "testkit::reexport::tokio")]
            async fn sqlite() {
                body($crate::TestDb::sqlite()).await;
            }

            #[$crate::reexport::tokio::test(flavor = "multi_thread", worker_threads = 2, crate = "testkit::reexport::tokio")]
            async fn postgres() {
                body($crate::TestDb::postgres().await).await;
            }
        }
    )+};
}

/// Expands one test body into four: each database with each bus.
#[macro_export]
macro_rules! everywhere {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident : TestDb, $bus:ident : TestBus) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn body($db: $crate::TestDb, $bus: $crate::TestBus) $body

            #[$crate::reexport::tokio::test(flavor = "multi_thread", worker_threads = 2, crate = "testkit::reexport::tokio")]
            async fn sqlite_local() {
                body($crate::TestDb::sqlite(), $crate::TestBus::local().await).await;
            }

            #[$crate::reexport::tokio::test(flavor = "multi_thread", worker_threads = 2, crate = "testkit::reexport::tokio")]
            async fn sqlite_rabbit() {
                body($crate::TestDb::sqlite(), $crate::TestBus::rabbit().await).await;
            }

            #[$crate::reexport::tokio::test(flavor = "multi_thread", worker_threads = 2, crate = "testkit::reexport::tokio")]
            async fn postgres_local() {
                body($crate::TestDb::postgres().await, $crate::TestBus::local().await).await;
            }

            #[$crate::reexport::tokio::test(flavor = "multi_thread", worker_threads = 2, crate = "testkit::reexport::tokio")]
            async fn postgres_rabbit() {
                body($crate::TestDb::postgres().await, $crate::TestBus::rabbit().await).await;
            }
        }
    )+};
}

/// Work for a `Drop`, on a thread with a runtime of its own: the test's runtime may be ending.
fn clean_up<F: Future<Output = ()>>(work: impl FnOnce() -> F + Send + 'static) {
    let thread = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        match runtime {
            Ok(runtime) => runtime.block_on(work()),
            Err(error) => eprintln!("cannot clean up: {error}"),
        }
    });
    if thread.join().is_err() {
        eprintln!("cleaning up panicked");
    }
}
