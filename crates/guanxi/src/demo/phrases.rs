//! The words of the demo: what was talked about, what went wrong, in Chinese and in English.

use complaints_contract::Channel as Intake;
use interactions_contract::{InteractionChannel as Channel, Means};

/// A text in both languages of the demo.
#[derive(Clone, Copy, Debug)]
pub struct Both {
    pub zh: &'static str,
    pub en: &'static str,
}

impl Both {
    pub fn of(self, chinese: bool) -> &'static str {
        if chinese { self.zh } else { self.en }
    }
}

pub const fn both(zh: &'static str, en: &'static str) -> Both {
    Both { zh, en }
}

/// What an interaction is about when it uses a means; `{topic}` is one of [`TOPICS`].
pub struct Occasion {
    pub means: Means,
    /// How it may take place, by weight.
    pub channels: &'static [(Channel, u32)],
    pub minutes: (i64, i64),
    pub subjects: &'static [Both],
}

pub const ROUTINE: Occasion = Occasion {
    means: Means::RoutineVisit,
    channels: &[
        (Channel::Visit, 38),
        (Channel::Call, 24),
        (Channel::Video, 16),
        (Channel::Im, 12),
        (Channel::Email, 10),
    ],
    minutes: (15, 90),
    subjects: &[
        both("例行拜访：{topic}进展", "Routine visit: progress on {topic}"),
        both("跟进{topic}的报价与交期", "Follow-up on quotation and lead time for {topic}"),
        both("了解下半年{topic}预算安排", "Budget outlook for {topic}"),
        both("回访：{topic}使用情况", "Check-in: how {topic} is being used"),
        both("沟通{topic}合同条款", "Contract terms for {topic}"),
        both("确认{topic}到货与验收安排", "Delivery and acceptance dates for {topic}"),
        both("介绍新任客户代表并交接{topic}", "Handover of {topic} to the new account manager"),
    ],
};

pub const TECHNICAL: Occasion = Occasion {
    means: Means::TechnicalExchange,
    channels: &[(Channel::Visit, 50), (Channel::Video, 45), (Channel::Event, 5)],
    minutes: (60, 240),
    subjects: &[
        both("{topic}技术交流", "Technical exchange on {topic}"),
        both("{topic}方案评审", "Solution review: {topic}"),
        both("{topic}测试结果讨论", "Test results of {topic}"),
        both("{topic}演进路线交流", "Roadmap session: {topic}"),
    ],
};

pub const ON_SITE: Occasion = Occasion {
    means: Means::OnSiteMeeting,
    channels: &[(Channel::Visit, 100)],
    minutes: (90, 300),
    subjects: &[
        both("{topic}现场协调会", "On-site coordination for {topic}"),
        both("{topic}开局现场会", "Kick-off on site: {topic}"),
    ],
};

pub const COMPANY_VISIT: Occasion = Occasion {
    means: Means::CompanyVisit,
    channels: &[(Channel::Visit, 100)],
    minutes: (180, 480),
    subjects: &[
        both("客户参观公司总部与展厅", "Customer delegation at our headquarters"),
        both("参观生产基地并座谈", "Factory tour and round table"),
    ],
};

pub const SHOWCASE: Occasion = Occasion {
    means: Means::ShowcaseVisit,
    channels: &[(Channel::Visit, 100)],
    minutes: (120, 420),
    subjects: &[both("参观{topic}样板点", "Reference site visit: {topic}")],
};

pub const STUDY: Occasion = Occasion {
    means: Means::ManagementStudy,
    channels: &[(Channel::Visit, 80), (Channel::Event, 20)],
    minutes: (120, 480),
    subjects: &[
        both("管理与经营研讨：流程与质量", "Management study: process and quality"),
        both("经营研究：数字化转型经验分享", "Management study: lessons of going digital"),
    ],
};

pub const TRAINING: Occasion = Occasion {
    means: Means::Training,
    channels: &[(Channel::Visit, 55), (Channel::Video, 45)],
    minutes: (120, 480),
    subjects: &[
        both("{topic}运维培训", "Operations training: {topic}"),
        both("{topic}认证培训", "Certification course: {topic}"),
    ],
};

pub const HOTLINE: Occasion = Occasion {
    means: Means::Hotline,
    channels: &[(Channel::Call, 70), (Channel::Web, 15), (Channel::Portal, 15)],
    minutes: (5, 40),
    subjects: &[
        both("热线咨询：{topic}配置", "Hotline: how to configure {topic}"),
        both("热线咨询：{topic}备件", "Hotline: spare parts for {topic}"),
    ],
};

pub const SURVEY: Occasion = Occasion {
    means: Means::SurveyVisit,
    channels: &[(Channel::Visit, 50), (Channel::Call, 30), (Channel::Web, 20)],
    minutes: (20, 60),
    subjects: &[both("客户满意度调查访谈", "Satisfaction interview")],
};

pub const FORUM: Occasion = Occasion {
    means: Means::ServiceForum,
    channels: &[(Channel::Event, 100)],
    minutes: (120, 360),
    subjects: &[both("服务恳谈会", "Service forum"), both("区域客户恳谈会", "Regional customer forum")],
};

pub const SUMMIT: Occasion = Occasion {
    means: Means::Summit,
    channels: &[(Channel::Event, 100)],
    minutes: (240, 480),
    subjects: &[both("行业峰会：{topic}", "Industry summit: {topic}")],
};

pub const ANNUAL: Occasion = Occasion {
    means: Means::AnnualMeeting,
    channels: &[(Channel::Event, 100)],
    minutes: (180, 480),
    subjects: &[both("年度合作总结与规划会", "Annual meeting: the year behind, the year ahead")],
};

pub const EXECUTIVE: Occasion = Occasion {
    means: Means::ExecutiveMeeting,
    channels: &[(Channel::Visit, 80), (Channel::Video, 20)],
    minutes: (45, 120),
    subjects: &[
        both("高层会晤：战略合作", "Executive meeting: strategic cooperation"),
        both("高层会晤：{topic}联合规划", "Executive meeting: joint plan for {topic}"),
    ],
};

pub const TOPICS: &[Both] = &[
    both("数据中心扩容", "the data centre expansion"),
    both("园区网改造", "the campus network upgrade"),
    both("5G专网", "the private 5G network"),
    both("光传输设备", "optical transport"),
    both("储能系统", "battery storage"),
    both("光伏逆变器", "solar inverters"),
    both("企业云平台", "the enterprise cloud"),
    both("视频会议系统", "video conferencing"),
    both("网络安全防护", "network security"),
    both("智能仓储", "smart warehousing"),
    both("产线自动化", "line automation"),
    both("核心数据库迁移", "the core database migration"),
    both("维保服务续签", "the maintenance renewal"),
    both("边缘计算节点", "edge computing"),
    both("不间断电源", "UPS power supply"),
];

pub const NOTES: &[Both] = &[
    both(
        "客户对进度总体认可，希望周报提前到周四。",
        "Broadly content with progress; asks for the weekly report on Thursdays.",
    ),
    both("客户提到竞争对手近期来访，关注价格。", "Mentioned a recent visit by a competitor; price is on their mind."),
    both(
        "技术部门支持我方方案，采购要求补充两家报价。",
        "Engineering supports our proposal; purchasing wants two more quotations.",
    ),
    both("预算已获批，预计下季度启动招标。", "Budget approved; the tender is expected next quarter."),
    both("客户担心交期，已承诺每周通报。", "Worried about lead time; we promised a weekly update."),
    both("现场工程师响应及时，获客户口头表扬。", "Praised how quickly the field engineer came."),
    both("客户内部组织调整，新负责人下月到任。", "Reorganisation under way; a new head starts next month."),
    both("讨论了服务等级协议，客户希望四小时到场。", "Went through the service levels; they want four hours to site."),
];

pub const NEXT_STEPS: &[Both] = &[
    both("本周五前提交修订方案", "Send the revised proposal by Friday"),
    both("安排样机测试", "Arrange a trial unit"),
    both("约技术总监下次会面", "Meet the technical director next"),
    both("提供备件清单与报价", "Send the spare-parts list with prices"),
    both("跟进付款流程", "Follow up on the payment run"),
];

/// A kind of trouble; `{product}` is one of [`PRODUCTS`].
pub struct Trouble {
    pub subject: Both,
    pub description: Both,
    pub issue: &'static str,
    pub remedy: Both,
    pub answer: Both,
    pub severities: &'static [(i16, u32)],
    pub safety: bool,
}

pub const PRODUCTS: &[&str] = &[
    "OptiLink 8800",
    "CampusCore S7",
    "PowerVault E3",
    "SunFlow 110K",
    "CloudStack One",
    "MeetRoom Pro",
    "ShieldGate 5",
    "EdgeBox M2",
    "DataRack 42",
    "CareService Plus",
];

pub const TROUBLES: &[Trouble] = &[
    Trouble {
        subject: both("{product}交货延期", "{product} delivered late"),
        description: both(
            "合同约定的交期已过，现场施工队伍停工等待。",
            "The agreed date has passed and the installation crew is waiting on site.",
        ),
        issue: "delivery",
        remedy: both("给出确切交期并承担误工费用", "A firm date and compensation for the idle crew"),
        answer: both(
            "已协调空运加急，逾期费用按合同处理。",
            "Air freight is arranged; the delay is settled as the contract provides.",
        ),
        severities: &[(2, 30), (3, 60), (4, 10)],
        safety: false,
    },
    Trouble {
        subject: both("{product}频繁重启", "{product} restarts again and again"),
        description: both(
            "升级后设备每天重启数次，业务中断。",
            "Since the upgrade it restarts several times a day and takes the service down.",
        ),
        issue: "product-fault",
        remedy: both("修复或更换设备", "Repair or replacement"),
        answer: both(
            "定位为软件缺陷，已提供补丁并现场升级。",
            "Traced to a software fault; the patch is installed on site.",
        ),
        severities: &[(1, 20), (2, 50), (3, 30)],
        safety: false,
    },
    Trouble {
        subject: both("{product}发票金额有误", "Wrong amount on the invoice for {product}"),
        description: both("发票与订单金额不符，财务无法入账。", "Invoice and order differ; accounts cannot book it."),
        issue: "invoice",
        remedy: both("重新开具发票", "A corrected invoice"),
        answer: both(
            "已红冲并重开发票，核对流程已增加复核。",
            "Credited and reissued; a second check is now part of invoicing.",
        ),
        severities: &[(3, 50), (4, 50)],
        safety: false,
    },
    Trouble {
        subject: both("热线多次转接无人解决", "Passed from desk to desk on the hotline"),
        description: both(
            "来电三次，每次重复描述问题仍未得到答复。",
            "Called three times, explained everything each time, no answer yet.",
        ),
        issue: "service-attitude",
        remedy: both("指定专人跟进", "One named person to deal with it"),
        answer: both("已指定专属服务经理，首问负责。", "A named service manager now owns every call of yours."),
        severities: &[(3, 70), (4, 30)],
        safety: false,
    },
    Trouble {
        subject: both("{product}机柜过热冒烟", "Smoke from an overheated {product} cabinet"),
        description: both(
            "机柜内出现焦糊味和烟雾，已断电，无人受伤。",
            "Burnt smell and smoke in the cabinet; power was cut, nobody was hurt.",
        ),
        issue: "safety",
        remedy: both("立即到场排查并给出书面报告", "Immediate inspection and a written report"),
        answer: both(
            "当日到场，更换电源模块并排查同批次产品。",
            "On site the same day; the power module is replaced and the batch is being checked.",
        ),
        severities: &[(1, 80), (2, 20)],
        safety: true,
    },
    Trouble {
        subject: both("{product}备件迟迟未到", "Still waiting for {product} spare parts"),
        description: both(
            "备件申请两周仍未发货，影响检修计划。",
            "Ordered two weeks ago, not shipped; the overhaul cannot start.",
        ),
        issue: "spare-parts",
        remedy: both("加急发货", "Urgent shipment"),
        answer: both("已从区域备件库调拨，次日送达。", "Sent from the regional store, with you tomorrow."),
        severities: &[(2, 20), (3, 60), (4, 20)],
        safety: false,
    },
    Trouble {
        subject: both("{product}验收文档不完整", "Acceptance documents for {product} incomplete"),
        description: both(
            "缺少测试报告和竣工图，无法完成验收付款。",
            "Test report and as-built drawings are missing; acceptance and payment are stuck.",
        ),
        issue: "documentation",
        remedy: both("补齐全部文档", "The complete set of documents"),
        answer: both("文档已补齐并经客户签收。", "The full set has been delivered and signed for."),
        severities: &[(3, 40), (4, 60)],
        safety: false,
    },
    Trouble {
        subject: both("{product}性能未达标书承诺", "{product} falls short of the tendered performance"),
        description: both(
            "实测吞吐量仅为标书指标的七成。",
            "Measured throughput is seventy per cent of what was tendered.",
        ),
        issue: "performance",
        remedy: both("整改达标或退还差价", "Meet the figure or refund the difference"),
        answer: both(
            "已优化配置并扩容板卡，复测达标。",
            "Tuned and extended with another board; the repeated test passes.",
        ),
        severities: &[(2, 60), (3, 40)],
        safety: false,
    },
    Trouble {
        subject: both("工程师现场施工不规范", "Careless work by the installation crew"),
        description: both("布线凌乱、未做标签，离场未清理现场。", "Untidy unlabelled cabling, site left uncleaned."),
        issue: "workmanship",
        remedy: both("返工整改", "Do it again, properly"),
        answer: both("已返工整改，施工队已重新培训。", "The work has been redone and the crew retrained."),
        severities: &[(3, 60), (4, 40)],
        safety: false,
    },
    Trouble {
        subject: both("合同条款变更未通知", "Contract terms changed without notice"),
        description: both("维保条款调整未事先沟通。", "The maintenance terms were changed and nobody told us."),
        issue: "contract",
        remedy: both("恢复原条款并书面说明", "The old terms back, and an explanation in writing"),
        answer: both(
            "已恢复原条款，由客户经理当面说明并致歉。",
            "The old terms stand; the account manager came to explain and apologise.",
        ),
        severities: &[(2, 30), (3, 70)],
        safety: false,
    },
];

pub const INTAKE: &[(Intake, u32)] = &[
    (Intake::Phone, 28),
    (Intake::Email, 24),
    (Intake::Portal, 14),
    (Intake::Web, 12),
    (Intake::Desk, 10),
    (Intake::InPerson, 5),
    (Intake::Referral, 3),
    (Intake::Fax, 2),
    (Intake::PostalMail, 2),
];

pub const REOPEN_REASONS: &[Both] = &[
    both("问题再次出现", "The trouble came back"),
    both("客户对处理结果不满意", "The customer is not content with the outcome"),
    both("整改只完成一半", "Only half of it was put right"),
];

pub const WITHDRAWALS: &[Both] = &[
    both("客户确认为误报，撤回投诉", "Raised by mistake; the customer withdraws it"),
    both("与另一投诉重复", "A duplicate of another complaint"),
];
