use wire::words;

words! {
    /// The way a complaint reached us.
    #[schema(as = ComplaintChannel)]
    Channel {
        Web = "web",
        Phone = "phone",
        Email = "email",
        PostalMail = "postal_mail",
        Fax = "fax",
        /// Passed on by someone else, such as a regulator or a partner.
        Referral = "referral",
        /// The customers' portal.
        Portal = "portal",
        /// A ticket of the support desk.
        Desk = "desk",
        InPerson = "in_person",
        /// Nobody said it: a signal was found true.
        Signal = "signal",
    }
}

words! {
    /// Where a complaint stands (after ISO 10002). The first four are open: work is owed to the customer.
    #[schema(as = ComplaintState)]
    State {
        /// 已受理: registered, the customer not yet told.
        Received = "received",
        /// 已确认: the customer knows that we have it.
        Acknowledged = "acknowledged",
        /// 调查中: assessed, and someone is at work.
        Investigating = "investigating",
        /// 已答复: the customer has our answer.
        Responded = "responded",
        /// 已解决: settled; to be closed, or reopened.
        Resolved = "resolved",
        /// 已关闭
        Closed = "closed",
        /// 已撤回: taken back by the customer.
        Withdrawn = "withdrawn",
    }
}

impl State {
    /// Whether work is still owed to the customer.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Received | Self::Acknowledged | Self::Investigating | Self::Responded => true,
            Self::Resolved | Self::Closed | Self::Withdrawn => false,
        }
    }
}

words! {
    /// What can be done to a complaint to move it on.
    #[schema(as = ComplaintTransition)]
    Transition {
        Acknowledge = "acknowledge",
        Assess = "assess",
        Respond = "respond",
        Resolve = "resolve",
        Close = "close",
        Reopen = "reopen",
        Withdraw = "withdraw",
    }
}

words! {
    /// What happened to a complaint, one entry of its history.
    #[schema(as = ComplaintHappening)]
    Happening {
        Opened = "opened",
        Acknowledged = "acknowledged",
        Assessed = "assessed",
        Responded = "responded",
        Resolved = "resolved",
        Closed = "closed",
        Reopened = "reopened",
        Withdrawn = "withdrawn",
        /// The customer it is from became known.
        Linked = "linked",
        /// Something in it was corrected, or its due times changed with the customer's tier.
        Amended = "amended",
    }
}

words! {
    /// Where an import stands.
    #[schema(as = ComplaintImportState)]
    ImportState {
        Running = "running",
        /// Every row was read; refused rows are kept with their faults.
        Completed = "completed",
        /// The file broke off or is no CSV: the rows before that point are kept.
        Interrupted = "interrupted",
    }
}

words! {
    /// What became of one row of an import.
    #[schema(as = ComplaintImportOutcome)]
    ImportOutcome {
        Created = "created",
        Updated = "updated",
        Unchanged = "unchanged",
        Refused = "refused",
    }
}

impl From<Transition> for Happening {
    fn from(transition: Transition) -> Self {
        match transition {
            Transition::Acknowledge => Self::Acknowledged,
            Transition::Assess => Self::Assessed,
            Transition::Respond => Self::Responded,
            Transition::Resolve => Self::Resolved,
            Transition::Close => Self::Closed,
            Transition::Reopen => Self::Reopened,
            Transition::Withdraw => Self::Withdrawn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_text_spell_alike() {
        for channel in Channel::ALL {
            assert_eq!(serde_json::to_value(channel).unwrap(), channel.as_str());
            assert_eq!(channel.as_str().parse(), Ok(*channel));
        }
        assert_eq!(
            "pigeon".parse::<Transition>().unwrap_err().to_string(),
            "\"pigeon\" is not one of acknowledge, assess, respond, resolve, close, reopen, withdraw"
        );
    }
}
