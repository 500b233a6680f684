//! What a service does by itself, round after round.

use std::error::Error;
use std::future::pending;
use std::time::Duration;

use chrono::{DateTime, Utc};
use database::Db;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::Context;

/// What is due but in somebody else's hands is looked at again after this.
const AGAIN: Duration = Duration::from_millis(200);

/// What there is to do after a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Perhaps more.
    Something,
    /// Nothing.
    Nothing,
    /// Nothing before this.
    NothingBefore(DateTime<Utc>),
}

impl Left {
    /// Of a round that did so much of what it found: whoever found nothing is done.
    #[must_use]
    pub const fn after(done: usize) -> Self {
        if done == 0 { Self::Nothing } else { Self::Something }
    }
}

/// Does a round of the work as of now, and says what is left of it.
pub type Round<E> = for<'a> fn(&'a Db, DateTime<Utc>) -> BoxFuture<'a, Result<Left, E>>;

/// Round after round while something is left, then again after the pause, until the service stops. What fails is logged as
/// `what`, and tried again after the pause.
pub fn every<E: Error + 'static>(
    context: Context,
    pause: Duration,
    what: &'static str,
    round: Round<E>,
) -> BoxFuture<'static, ()> {
    rounds(context, None, pause, what, round).boxed()
}

/// The same, and also after each commit of this process. The commits of other replicas are not heard of: the pause is how long
/// what they ask for waits.
pub fn after_commits<E: Error + 'static>(
    context: Context,
    pause: Duration,
    what: &'static str,
    round: Round<E>,
) -> BoxFuture<'static, ()> {
    let commits = context.db.commits();
    rounds(context, Some(commits), pause, what, round).boxed()
}

async fn rounds<E: Error + 'static>(
    context: Context,
    mut commits: Option<watch::Receiver<u64>>,
    pause: Duration,
    what: &'static str,
    round: Round<E>,
) {
    while !context.shutdown.is_cancelled() {
        if let Some(commits) = &mut commits {
            commits.mark_unchanged();
        }
        let rest = match round(&context.db, wire::truncate(Utc::now())).await {
            Ok(Left::Something) => continue,
            Ok(Left::Nothing) => pause,
            Ok(Left::NothingBefore(next)) => (next - Utc::now()).to_std().unwrap_or_default().max(AGAIN).min(pause),
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "{what} failed, trying again");
                pause
            }
        };
        let commit = async {
            match &mut commits {
                Some(commits) => drop(commits.changed().await),
                None => pending().await,
            }
        };
        tokio::select! {
            () = context.shutdown.cancelled() => {}
            () = commit => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
}
