use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::words;

words! {
    /// What became of a mail.
    MailOutcome {
        /// A complaint was registered.
        Opened = "opened",
        /// It names a complaint, whose history it joined.
        Joined = "joined",
        /// Kept in mind and not answered.
        Ignored = "ignored",
    }
}

words! {
    /// Why a mail was not answered.
    MailReason {
        /// Sent by a program (RFC 3834 `Auto-Submitted`, `X-Autoreply`).
        AutoSubmitted = "auto_submitted",
        /// `Precedence: bulk`, `junk`, `list` or `auto_reply`.
        Bulk = "bulk",
        /// Its sender wants no automatic answer (`X-Auto-Response-Suppress`).
        Suppressed = "suppressed",
        /// From a mailing list (RFC 2919).
        MailingList = "mailing_list",
        /// A bounce: from nobody, or from the mail system itself.
        NullSender = "null_sender",
        /// Our own mail, come back.
        Own = "own",
        /// More mails of one sender within an hour than a person writes.
        TooMany = "too_many",
        /// Taken in before.
        Repeated = "repeated",
    }
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailReceipt {
    pub outcome: MailOutcome,
    /// Why it was not answered, if it was not.
    pub reason: Option<MailReason>,
    /// Tracking number of the complaint it opened or joined, where you may see it.
    pub number: Option<String>,
    /// Files of the mail that are kept with the complaint from now on.
    #[serde(default)]
    pub files_kept: i64,
    /// Files that are too large, too many or of a type that is not taken: nothing of them is kept.
    #[serde(default)]
    pub files_refused: i64,
}
