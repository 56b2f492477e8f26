-- Consents, their texts, requests of members, how long things are kept; who was erased and may not be made again.

create schema privacy;

-- Versions of what members are asked, in three languages. Only inserted: a consent names the version that was shown.
create table privacy.texts (
  topic text not null constraint texts_topic_shape check (topic ~ '^[a-z]+\.[a-z]+$'),
  version int not null,
  language text not null constraint texts_language_known check (language in ('zh-CN', 'en', 'ru')),
  title text not null,
  body text not null,
  saved_at timestamptz not null default now(),
  actor text not null,
  primary key (topic, version, language)
);

-- What members said, each time they said it. Only inserted; what is in force is worked out from it.
create table privacy.consents (
  -- The home that it holds for. Withdrawing writes a row under each home of the person, so it holds for all of them
  -- even when they turn out to be several people.
  member_id uuid not null,
  id uuid not null,
  channel text not null,
  purpose text not null,
  -- Whom data is given to, where the purpose is sharing; empty: everybody on the list.
  recipient text not null default '',
  given boolean not null,
  -- The homes that were one person when it was said: what is given here answers what these had withdrawn before.
  covers uuid[] not null,
  text_version int,
  language text,
  -- By which way: `centre`, `joining`, `staff`, `key`.
  evidence text not null,
  -- Address and note, sealed under the key of the home that it was said by.
  said_by uuid not null,
  sealed bytea,
  actor text not null,
  said_at timestamptz not null,
  primary key (member_id, id)
);

-- What members ask of the group by right: to have their data, to be erased.
create table privacy.requests (
  id uuid primary key,
  member_id uuid not null,
  -- All homes of the person when it was done: an erased person is no person any more, so nothing else says so.
  homes uuid[] not null default '{}',
  kind text not null constraint requests_kind_known check (kind in ('export', 'erasure')),
  state text not null constraint requests_state_known check (state in ('waiting', 'working', 'done', 'cancelled')),
  -- `member`: asked in the member centre. `staff`: asked for by a colleague, with the reason.
  asked_by text not null constraint requests_asked_by_known check (asked_by in ('member', 'staff')),
  actor text not null,
  reason text,
  asked_at timestamptz not null,
  -- When the waiting time ends, and by when the law wants it done.
  begins_at timestamptz not null,
  deadline_at timestamptz not null,
  ended_at timestamptz,
  -- Counts of what went and what stays.
  outcome jsonb
);
create index requests_of_member on privacy.requests (member_id, asked_at);
create index requests_of_homes on privacy.requests using gin (homes);
create index requests_open on privacy.requests (begins_at) where state in ('waiting', 'working');
create index requests_by_time on privacy.requests (asked_at);

-- What the group chooses: the waiting time, the law, how long things are kept, notes to the record of processing.
create table privacy.choices (
  name text primary key,
  value jsonb not null,
  changed_at timestamptz not null,
  actor text not null
);

-- What the retention rules did each day.
create table privacy.runs (
  kind text not null,
  ran_at timestamptz not null,
  days int not null,
  removed bigint not null,
  primary key (kind, ran_at)
);

-- Homes whose person was erased. The home stays as a number that orders and points stand under.
create table members.erasures (
  member_id uuid primary key,
  erased_at timestamptz not null
);

-- Who is not to be made again by an import: keyed hashes, under a purpose of their own, of the blind values that joined
-- the records of an erased person and of the keys of those records.
create table members.refusals (
  blind uuid primary key,
  since timestamptz not null
);

alter table points.entries drop constraint entries_kind_known;
alter table points.entries add constraint entries_kind_known check (kind in
  ('award', 'opening', 'adjustment', 'activation', 'expiry', 'spend', 'take_back', 'deficit_payment', 'write_off')) not valid;

insert into privacy.texts (topic, version, language, title, body, actor) values
('all.membership', 1, 'zh-CN', '会员协议与隐私告知', '为了给你开立会员账户、记录订单与积分、提供出行服务，我们处理你的手机号、你告诉我们的姓名等资料，以及你在本集团各门店和渠道的订单。依据是履行与你的会员约定（《个人信息保护法》第十三条）。资料加密保存，只有工作需要的人能看，每次查看都会留下记录。你可以随时在“隐私”页查看、导出、更正你的资料，撤回同意，或删除账户；撤回不影响之前的处理。', 'system'),
('all.membership', 1, 'en', 'Membership and privacy notice', 'To open your membership, keep your orders and points and serve you on your trips we process your phone number, what you tell us of yourself (such as your name), and your orders at the stores and channels of this group. The legal basis is the membership that you enter into (GDPR article 6 (1) b). Your data is kept encrypted; only those who need it for their work see it, and each look is recorded. On the page “Privacy” you can see, download and correct your data, withdraw a consent, or have your account erased, at any time; what was done before a withdrawal stays lawful.', 'system'),
('all.membership', 1, 'ru', 'Участие в программе и обработка данных', 'Чтобы открыть участие, вести ваши заказы и баллы и обслуживать поездки, мы обрабатываем номер телефона, то, что вы сообщаете о себе (например, имя), и ваши заказы в магазинах и каналах группы. Основание — договор об участии (GDPR, статья 6 (1) b). Данные хранятся зашифрованными; их видят только те, кому они нужны для работы, и каждый просмотр записывается. На странице «Приватность» вы в любой момент можете увидеть, скачать и исправить данные, отозвать согласие или удалить учётную запись; то, что было сделано до отзыва, остаётся законным.', 'system'),
('sms.marketing', 1, 'zh-CN', '短信优惠', '用短信告诉你优惠和活动。验证码和行程通知不受影响。', 'system'),
('sms.marketing', 1, 'en', 'Offers by SMS', 'We may tell you of offers and events by SMS. Codes and notices about your trips come in any case.', 'system'),
('sms.marketing', 1, 'ru', 'Предложения по SMS', 'Мы можем сообщать о предложениях и событиях по SMS. Коды и сообщения о поездках приходят в любом случае.', 'system'),
('email.marketing', 1, 'zh-CN', '邮件优惠', '用电子邮件告诉你优惠和活动。', 'system'),
('email.marketing', 1, 'en', 'Offers by e-mail', 'We may tell you of offers and events by e-mail.', 'system'),
('email.marketing', 1, 'ru', 'Предложения по почте', 'Мы можем сообщать о предложениях и событиях по электронной почте.', 'system'),
('wechat.marketing', 1, 'zh-CN', '微信优惠', '在微信里告诉你优惠和活动。', 'system'),
('wechat.marketing', 1, 'en', 'Offers in WeChat', 'We may tell you of offers and events in WeChat.', 'system'),
('wechat.marketing', 1, 'ru', 'Предложения в WeChat', 'Мы можем сообщать о предложениях и событиях в WeChat.', 'system'),
('phone.marketing', 1, 'zh-CN', '电话推荐', '顾问可以打电话向你推荐行程。', 'system'),
('phone.marketing', 1, 'en', 'Offers by telephone', 'An adviser may ring you up to propose trips.', 'system'),
('phone.marketing', 1, 'ru', 'Предложения по телефону', 'Консультант может позвонить и предложить поездку.', 'system'),
('post.marketing', 1, 'zh-CN', '邮寄目录', '把目录和优惠寄到你的地址。', 'system'),
('post.marketing', 1, 'en', 'Offers by post', 'We may send catalogues and offers to your address.', 'system'),
('post.marketing', 1, 'ru', 'Предложения обычной почтой', 'Мы можем присылать каталоги и предложения на ваш адрес.', 'system'),
('behaviour.analytics', 1, 'zh-CN', '浏览记录', '记录你看过、搜过、收藏过什么，用来改进页面和产品。', 'system'),
('behaviour.analytics', 1, 'en', 'What I look at', 'We may record what you view, search for and keep, to improve our pages and trips.', 'system'),
('behaviour.analytics', 1, 'ru', 'Что я смотрю', 'Мы можем записывать, что вы смотрите, ищете и сохраняете, чтобы улучшать страницы и поездки.', 'system'),
('profiling.marketing', 1, 'zh-CN', '个性化推荐', '根据你的订单和偏好，自动挑选适合你的行程和优惠。关掉后，看到的是大家都一样的内容。', 'system'),
('profiling.marketing', 1, 'en', 'Chosen for me', 'Trips and offers may be chosen for you automatically from your orders and preferences. Without it you see what everybody sees.', 'system'),
('profiling.marketing', 1, 'ru', 'Подбор для меня', 'Поездки и предложения могут подбираться автоматически по вашим заказам и предпочтениям. Без этого вы видите то же, что и все.', 'system'),
('partners.sharing', 1, 'zh-CN', '提供给合作方', '把你的联系方式提供给名单上的合作方，用于他们的优惠。为你的行程办理预订所必需的提供不在此列。', 'system'),
('partners.sharing', 1, 'en', 'Shared with partners', 'Your contact details may be given to the partners on our list for offers of theirs. What a booking of yours needs is not meant here.', 'system'),
('partners.sharing', 1, 'ru', 'Передача партнёрам', 'Ваши контакты могут передаваться партнёрам из списка для их предложений. Того, что нужно для вашего бронирования, это не касается.', 'system');
