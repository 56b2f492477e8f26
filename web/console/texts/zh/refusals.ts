/** Why the program said no, and what to do. Keys end in the code of the refusal. */
export const refusals = {
  'refusal.client.unreachable': '连不上程序。请检查网络，或确认程序正在运行，再试一次。',
  'refusal.program.bug': '出了本不该出的问题，什么都没有改变。请把错误号交给维护的人。',
  'refusal.program.database_away': '数据库暂时没有回应，什么都没有丢。请稍后再试。',
  'refusal.program.disk_full': '磁盘满了，什么都没有丢。腾出空间后再试。',
  'refusal.program.gone': '程序正在停下，请稍后再试。',

  'refusal.request.invalid': '有内容不合要求，请检查后再试。',
  'refusal.request.unreadable': '请求没能读懂，请刷新页面再试。',
  'refusal.request.no_such_route': '没有这个地址。程序可能刚更新过，请刷新页面。',
  'refusal.request.key_reused': '这个操作已用别的内容提交过，请刷新页面再试。',
  'refusal.request.foreign_origin': '请求来自别的网站，已拒绝。请从这个程序自己的地址打开。',

  'refusal.access.sign_in': '请先登录。',
  'refusal.access.not_permitted': '你的角色不能做这件事。',
  'refusal.access.link_spent': '这个登录链接已经用过，或已过期。请再要一个。',
  'refusal.access.key_unknown': '这个密钥已经停用。',

  'refusal.channels.unknown': '没有代码为 {{code}} 的渠道。',
  'refusal.channels.other_kind': '渠道 {{code}} 已有，类型不同。请直接选用它，或换一个代码。',

  'refusal.organisation.rows_wrong':
    '第 {{row}} 行的「{{value}}」不对：代码重复、已被别类渠道占用，或没有这家公司。什么都没有写入，请改好再试。',
  'refusal.demonstration.none': '这里没有演示集团，没有什么可清空。',
  'refusal.demonstration.filling': '演示集团还在填入（{{percent}}%），请过一分钟再试。',
  'refusal.demonstration.imports': '除演示外还有自己的导入（{{imports}} 次），什么都没有删除。请先撤销或取消它们。',
  'refusal.demonstration.added':
    '除演示外还有另外添加的会员记录（{{records}} 条）和订单（{{orders}} 笔），什么都没有删除。',

  'refusal.members.not_found': '没有这位会员，可能随导入一起撤销了。',
  'refusal.members.only_record': '这位会员只有一条记录，没有什么可拆。',
  'refusal.members.record_elsewhere': '这条记录已不属于这位会员，可能刚被别人拆开。请刷新页面。',
  'refusal.members.record_of_nobody': '记录没有说是谁。请写上姓名、编号、电话、邮箱或证件号。',
  'refusal.members.already_one': '它们已经是同一位会员。',
  'refusal.members.identity_clash': '两边的{{kind}}不同，不可能是同一个人。',

  'refusal.orders.not_found': '这位会员没有这笔订单。',
  'refusal.orders.not_paid': '只有已付款的订单才能退款。',
  'refusal.orders.refund_too_large': '退款比订单剩下的金额还多。',
  'refusal.orders.of_nobody': '订单没有说是谁买的。请写上客户编号或电话。',

  'refusal.points.insufficient': '积分不够：要 {{needed, number}}，可用 {{available, number}}。',
  'refusal.points.amount': '积分须是大于 0 的整数。',
  'refusal.points.source_reused': '这个来源已经给过积分，不能再给别的数。',
  'refusal.points.rule_exists': '已有代码为 {{code}} 的规则或规则组。',
  'refusal.points.rule_unknown': '没有代码为 {{code}} 的规则或规则组。',
  'refusal.points.group_unknown': '规则所属的组 {{code}} 不存在，或生效得比规则晚。',
  'refusal.points.rule_changed': '刚刚有人改过 {{code}}，请刷新后再看。',
  'refusal.points.effective_in_past': '只有第一版规则可以从过去生效。',
  'refusal.points.page_unknown': '这一页已经不在了，请刷新页面。',

  'refusal.imports.not_found': '没有这次导入。',
  'refusal.imports.wrong_state': '这次导入已经到了别的步骤，请刷新页面。',
  'refusal.imports.begun_otherwise':
    '此文件的一部分已按另一种列对应作为导入 {{importId}} 写入。请不另给列对应继续，或先撤销该导入。',
  'refusal.imports.stopped': '读取已停下。',

  'refusal.mapping.bad_file': '匹配文件没能读懂。',
  'refusal.mapping.no_file': '没有找到匹配文件。',
  'refusal.mapping.nothing_mapped': '还没有一列放进会员或订单。请至少选一列。',
  'refusal.mapping.nothing_identifies':
    '没有一列能说明每行是谁或是哪一笔。请至少放进姓名、编号、电话、邮箱、证件号或单号中的一个。',
  'refusal.mapping.unknown_column': '文件里没有「{{column}}」这一列。',
  'refusal.mapping.unknown_field': '「{{column}}」不能放进「{{field}}」。',
  'refusal.mapping.field_twice': '有两列都放进了「{{field}}」，只能留一列。',
  'refusal.mapping.column_twice': '「{{column}}」被放进了两处。',

  'refusal.file.not_found': '没有找到文件 {{name}}。',
  'refusal.file.empty': '文件是空的。',
  'refusal.file.no_rows': '文件只有表头，下面没有内容。',
  'refusal.file.old_office': '这是旧版办公软件的文件，或受保护的文件。请去掉密码，另存为 .xlsx 或 CSV UTF-8。',
  'refusal.file.xls': '这是旧的 .xls 格式。请打开它，另存为 .xlsx 或 CSV UTF-8。',
  'refusal.file.password': '文件有密码。请去掉密码，重新保存。',
  'refusal.file.unknown_format': '这不是 CSV 或 XLSX 文件。请另存为其中一种。',
  'refusal.file.broken': '文件不完整或已损坏。请重新导出或复制一次。',
  'refusal.file.bomb': '压缩的文件展开后大得异常，没有读取。',
  'refusal.file.entities': '文件里有表格用不到的声明，为安全起见没有读取。请重新另存一次。',
  'refusal.file.xml_too_deep': '文件的结构嵌套得异常，没有读取。请重新另存一次。',
  'refusal.file.line_too_long': '第 {{row, number}} 行长得异常，可能少了换行或引号。',
  'refusal.file.quote_open': '第 {{row, number}} 行的引号没有结束。请补上引号，或写成两个。',
  'refusal.file.cell_too_long': '有一格长得异常，可能是引号没有结束。',
  'refusal.file.too_many_columns': '表格有 {{columns, number}} 列，最多能读 {{limit, number}} 列。',
  'refusal.file.row_too_wide': '第 {{row, number}} 行超过 {{limit, number}} 格。',
  'refusal.file.too_much_memory': '读这个文件要用的内存太多。请另存为 CSV，或分成几份。',

  'refusal.reactions.unknown': '没有这个后台任务。',
  'refusal.settings.invalid': '「{{field}}」填的值不存在，请换一个。',
  'refusal.imports.file_gone': '这次导入的文件已不在。请重新导入该文件。',
  'refusal.desk.view_not_found': '没有这个视图，可能已在别的窗口删除。',
  'refusal.desk.view_name_taken': '已有叫「{{name}}」的视图。请换一个名称。',
  'refusal.desk.too_many_views': '已有 {{limit, number}} 个视图，不能再多。请先删除一个。',
} as const
