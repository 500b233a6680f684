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

/// Does a round of the work as of now and hears what is left of it, round after round while something is left, then again
/// after the pause, until the service stops. What fails is logged as `what`, and tried again after the pause.
pub fn every<E: Error + 'static>(
    context: Context,
    pause: Duration,
    what: &'static str,
    round: impl for<'a> Fn(&'a Db, DateTime<Utc>) -> BoxFuture<'a, Result<Left, E>> + Send + 'static,
) -> BoxFuture<'static, ()> {
    rounds(context, None, pause, what, round).boxed()
}

/// The same, and also after each commit of this process. The commits of other replicas are not heard of: the pause is how long
/// what they ask for waits.
pub fn after_commits<E: Error + 'static>(
    context: Context,
    pause: Duration,
    what: &'static str,
    round: impl for<'a> Fn(&'a Db, DateTime<Utc>) -> BoxFuture<'a, Result<Left, E>> + Send + 'static,
) -> BoxFuture<'static, ()> {
    let commits = context.db.commits();
    rounds(context, Some(commits), pause, what, round).boxed()
}

async fn rounds<E: Error + 'static>(
    context: Context,
    mut commits: Option<watch::Receiver<u64>>,
    pause: Duration,
    what: &'static str,
    round: impl for<'a> Fn(&'a Db, DateTime<Utc>) -> BoxFuture<'a, Result<Left, E>> + Send + 'static,
) {
    while !context.shutdown.is_cancelled() {
        if let Some(commits) = &mut commits {
            commits.mark_unchanged();
        }
        let left = match round(&context.db, wire::truncate(Utc::now())).await {
            Ok(left) => Some(left),
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "{what} failed, trying again");
                None
            }
        };
        let Some(rest) = Rest::after(left, pause, Utc::now()) else { continue };
        tokio::select! {
            () = context.shutdown.cancelled() => {}
            () = rest.over(commits.as_mut()) => {}
        }
    }
}

/// What there is to wait for between two rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rest {
    longest: Duration,
    /// Not after a failure, which would come again at the rate of commits.
    ends_with_commit: bool,
}

impl Rest {
    /// After a round that left so much, or failed; none while something is left.
    fn after(left: Option<Left>, pause: Duration, now: DateTime<Utc>) -> Option<Self> {
        match left {
            Some(Left::Something) => None,
            Some(Left::Nothing) => Some(Self { longest: pause, ends_with_commit: true }),
            Some(Left::NothingBefore(next)) => {
                let longest = (next - now).to_std().unwrap_or_default().max(AGAIN).min(pause);
                Some(Self { longest, ends_with_commit: true })
            }
            None => Some(Self { longest: pause, ends_with_commit: false }),
        }
    }

    async fn over(self, commits: Option<&mut watch::Receiver<u64>>) {
        let commit = async {
            match commits {
                Some(commits) if self.ends_with_commit => drop(commits.changed().await),
                Some(_) | None => pending().await,
            }
        };
        tokio::select! {
            () = commit => {}
            () = tokio::time::sleep(self.longest) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn a_commit_ends_the_rest_but_not_after_a_failure() {
        let (sender, mut commits) = watch::channel(0_u64);
        let mut is_over_by_a_commit = |left: Option<Left>| -> Option<bool> {
            commits.mark_unchanged();
            sender.send_modify(|number| *number += 1);
            let rest = Rest::after(left, HOUR, Utc::now())?;
            Some(rest.over(Some(&mut commits)).now_or_never().is_some())
        };
        assert_eq!(is_over_by_a_commit(Some(Left::Something)), None);
        assert_eq!(is_over_by_a_commit(Some(Left::Nothing)), Some(true));
        assert_eq!(is_over_by_a_commit(Some(Left::NothingBefore(Utc::now() + HOUR))), Some(true));
        assert_eq!(is_over_by_a_commit(None), Some(false));
    }

    #[tokio::test]
    async fn the_rest_after_a_failure_ends_with_the_pause() {
        let pause = Duration::from_millis(1);
        let rest = Rest::after(None, pause, Utc::now()).expect("a rest");
        assert_eq!(rest.longest, pause);
        rest.over(None).await;
    }
}
