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
        /// Nobody said it to us: our own people found it, as by a signal.
        Internal = "internal",
    }
}

words! {
    /// Where a complaint stands (after ISO 10002). Open ones, on which work is owed to the customer, are those from
    /// `received` to `escalated`, and `waiting`.
    #[schema(as = ComplaintState)]
    State {
        /// 已受理: registered, the customer not yet told.
        Received = "received",
        /// 已确认: the customer knows that we have it.
        Acknowledged = "acknowledged",
        /// 已评估: judged, and given to someone.
        Assessed = "assessed",
        /// 调查中: someone is at work.
        Investigating = "investigating",
        /// 已答复: the customer has our answer.
        Responded = "responded",
        /// 客户已接受: the customer takes our answer; what it promises is still to be done.
        Accepted = "accepted",
        /// 已升级: given to those above, mostly because the customer does not take our answer.
        Escalated = "escalated",
        /// 等待客户: nothing can be done before the customer does something.
        Waiting = "waiting",
        /// 已解决: settled; to be closed, or reopened.
        Resolved = "resolved",
        /// 已关闭
        Closed = "closed",
        /// 已回访: the customer was asked again after it was closed.
        FollowedUp = "followed_up",
        /// 已撤回: taken back by the customer.
        Withdrawn = "withdrawn",
        /// 不予受理: turned down by us, with a reason.
        Rejected = "rejected",
    }
}

impl State {
    /// Whether work is still owed to the customer.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Received
            | Self::Acknowledged
            | Self::Assessed
            | Self::Investigating
            | Self::Responded
            | Self::Accepted
            | Self::Escalated
            | Self::Waiting => true,
            Self::Resolved | Self::Closed | Self::FollowedUp | Self::Withdrawn | Self::Rejected => false,
        }
    }
}

words! {
    /// What can be done to a complaint. `contain`, `inform` and `hear` leave it where it is.
    #[schema(as = ComplaintTransition)]
    Transition {
        Acknowledge = "acknowledge",
        Assess = "assess",
        Investigate = "investigate",
        Respond = "respond",
        Accept = "accept",
        Escalate = "escalate",
        Wait = "wait",
        Resume = "resume",
        Resolve = "resolve",
        Close = "close",
        FollowUp = "follow_up",
        Reopen = "reopen",
        Withdraw = "withdraw",
        Reject = "reject",
        Contain = "contain",
        Inform = "inform",
        Hear = "hear",
    }
}

words! {
    /// What happened to a complaint, one entry of its history.
    #[schema(as = ComplaintHappening)]
    Happening {
        Opened = "opened",
        Acknowledged = "acknowledged",
        Assessed = "assessed",
        InvestigationStarted = "investigation_started",
        Responded = "responded",
        /// The customer took our answer.
        Accepted = "accepted",
        Escalated = "escalated",
        /// From here on we wait for the customer.
        WaitStarted = "wait_started",
        Resumed = "resumed",
        Resolved = "resolved",
        Closed = "closed",
        FollowedUp = "followed_up",
        Reopened = "reopened",
        Withdrawn = "withdrawn",
        Rejected = "rejected",
        /// The harm was kept from growing.
        Contained = "contained",
        /// The customer was told how far we are.
        Informed = "informed",
        /// The customer wrote or said something.
        CustomerWrote = "customer_wrote",
        /// The customer it is from became known.
        Linked = "linked",
        /// Something in it was corrected, or its due times changed with the customer's tier.
        Amended = "amended",
    }
}

words! {
    /// A part of a complaint that only those at work on it (`complaints:handle`) see.
    #[schema(as = ComplaintConfidential)]
    Confidential {
        Complainant = "complainant",
        Description = "description",
        RemedySought = "remedy_sought",
        Resolution = "resolution",
        /// Every note, reason and word of the customer in the history.
        Notes = "notes",
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
            Transition::Investigate => Self::InvestigationStarted,
            Transition::Respond => Self::Responded,
            Transition::Accept => Self::Accepted,
            Transition::Escalate => Self::Escalated,
            Transition::Wait => Self::WaitStarted,
            Transition::Resume => Self::Resumed,
            Transition::Resolve => Self::Resolved,
            Transition::Close => Self::Closed,
            Transition::FollowUp => Self::FollowedUp,
            Transition::Reopen => Self::Reopened,
            Transition::Withdraw => Self::Withdrawn,
            Transition::Reject => Self::Rejected,
            Transition::Contain => Self::Contained,
            Transition::Inform => Self::Informed,
            Transition::Hear => Self::CustomerWrote,
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
            "\"pigeon\" is not one of acknowledge, assess, investigate, respond, accept, escalate, wait, resume, resolve, \
             close, follow_up, reopen, withdraw, reject, contain, inform, hear"
        );
    }
}
