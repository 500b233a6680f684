use crate::error::Result;

/// Who meets others in the way tries again; more than a few times is no accident.
pub(super) const ATTEMPTS: usize = 4;

/// Does the whole again, `most` times in all, while nothing but another transaction was in the way.
pub(super) async fn raced<T>(most: usize, mut whole: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    for _ in 1..most {
        match whole().await {
            Err(error) if error.is_race() => {}
            done => return done,
        }
    }
    whole().await
}

/// What came of an act that makes one thing. Where another was in the way, that may be the same request, before a crash
/// between its commit and its answer: then `own` finds what it has made.
pub(super) async fn made<T>(done: Result<T>, own: impl AsyncFnOnce() -> Result<Option<T>>) -> Result<T> {
    match done {
        Err(error) if error.is_taken() || error.is_race() => own().await?.ok_or_else(|| error.settled()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[tokio::test]
    async fn only_races_are_run_again_and_not_for_ever() {
        for (fails, most, expected) in [(0, 4, Some(1)), (3, 4, Some(4)), (4, 4, None), (1, 1, None)] {
            let mut tries = 0;
            let done = raced(most, async || {
                tries += 1;
                if tries > fails { Ok(tries) } else { Err(Error::Contended) }
            })
            .await;
            assert_eq!((done.ok(), tries), (expected, most.min(fails + 1)), "{fails} of {most}");
        }
        let mut tries = 0;
        let refused = raced(4, async || {
            tries += 1;
            Err::<(), _>(Error::NotMerged)
        })
        .await;
        assert!(matches!(refused, Err(Error::NotMerged)) && tries == 1);
    }
}
