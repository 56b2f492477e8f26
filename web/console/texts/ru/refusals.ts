import type { Russian } from '../forms.ts'
import type { refusals as zh } from '../zh/refusals.ts'

export const refusals: Russian<typeof zh> = {
  'refusal.client.unreachable': 'Программа не отвечает. Проверьте сеть и запущена ли программа, затем повторите.',
  'refusal.program.bug':
    'Произошла ошибка, которой не должно быть. Ничего не изменено. Передайте номер ответа тому, кто следит за программой.',
  'refusal.program.database_away': 'База данных не отвечает. Ничего не потеряно, повторите чуть позже.',
  'refusal.program.disk_full': 'Диск заполнен. Ничего не потеряно; освободите место и повторите.',
  'refusal.program.gone': 'Программа останавливается, повторите чуть позже.',

  'refusal.request.invalid': 'Что-то заполнено неверно, проверьте.',
  'refusal.request.unreadable': 'Запрос не удалось прочитать. Обновите страницу и повторите.',
  'refusal.request.no_such_route': 'По этому адресу ничего нет. Возможно, программу обновили; обновите страницу.',
  'refusal.request.key_reused': 'Это уже отправлено с другим содержанием. Обновите страницу и повторите.',
  'refusal.request.foreign_origin':
    'Запрос пришёл с другого сайта и отклонён. Откройте программу по её собственному адресу.',

  'refusal.access.sign_in': 'Сначала войдите.',
  'refusal.access.not_permitted': 'Вашей роли это недоступно.',
  'refusal.access.link_spent': 'Эта ссылка уже использована или устарела. Попросите новую.',
  'refusal.access.sign_in_wrong': 'Логин и пароль не подходят друг к другу. Без пароля входят по ссылке.',
  'refusal.access.code_wrong': 'Код неверен или уже использован. Дождитесь следующего.',
  'refusal.access.password_wrong': 'Это не ваш пароль.',
  'refusal.access.ticket_spent': 'Прошло слишком много времени. Начните вход заново.',
  'refusal.access.too_many_tries': 'Слишком много попыток. Повторите через {{seconds}} с.',
  'refusal.access.password_short': 'В пароле не менее {{shortest}} знаков.',
  'refusal.access.password_long': 'В пароле не более {{longest}} знаков.',
  'refusal.access.password_common': 'Такие пароли подбирают первыми. Выберите другой.',
  'refusal.access.password_own_name': 'Пароль состоит из вашего логина или имени. Выберите другой.',
  'refusal.access.second_factor_on': 'Второй фактор уже включён.',
  'refusal.access.second_factor_not_begun': 'Сначала начните настройку второго фактора.',
  'refusal.access.second_factor_stays': 'Группа требует от вас второй фактор, отключить его нельзя.',
  'refusal.access.second_factor_needed': 'Сначала настройте второй фактор в своей учётной записи.',
  'refusal.access.nothing_to_prove_by': 'У вас нет ни пароля, ни второго фактора.',
  'refusal.access.prove_again': 'Вы не подтвердили, что это вы; ничего не изменено.',
  'refusal.access.no_provider': 'Единый вход здесь не настроен.',
  'refusal.access.provider_away': 'Служба единого входа не отвечает. Войдите иначе или повторите позже.',
  'refusal.access.provider_refused':
    'Служба единого входа не подтвердила вход, или прошло много времени. Начните заново.',
  'refusal.access.provider_stranger':
    'Служба единого входа вас знает, но сотрудника с вашим подтверждённым адресом здесь нет. Попросите администратора добавить вас.',
  'refusal.access.key_unknown': 'Этот ключ уже отключён.',
  'refusal.access.whole_group_needed': 'Для этого нужно разрешение на всю группу.',
  'refusal.access.only_looking':
    'Вы смотрите от имени другого сотрудника и ничего не можете менять. Сначала вернитесь к себе.',
  'refusal.access.login_taken': 'Под именем {{login}} уже кто-то входит. Выберите другое.',
  'refusal.access.staff_unknown': 'Такого сотрудника нет, или он вне вашей области.',
  'refusal.access.session_unknown': 'Этот сеанс уже завершён.',
  'refusal.access.role_unknown': 'Роли {{role}} нет.',
  'refusal.access.place_unknown': 'Нет компании или магазина с кодом {{code}}.',
  'refusal.access.permission_unknown': 'Разрешения {{permission}} нет.',
  'refusal.access.administrator_stays': 'Роль администратора может всё, изменить её нельзя.',
  'refusal.access.role_held': 'Роль {{role}} ещё есть у {{holders}} чел. Сначала дайте им другую.',
  'refusal.access.beyond_own_rights':
    'В роли есть разрешение, которого нет у вас ({{permission}}): ни дать, ни отнять её вы не можете.',
  'refusal.access.beyond_own_scope': 'Это выходит за ту часть группы, где у вас есть {{permission}}.',
  'refusal.access.last_administrator': 'Это последний администратор группы. Сначала назначьте другого.',
  'refusal.access.not_of_staff': 'Это могут делать только вошедшие сотрудники.',
  'refusal.access.role_and_place': 'Укажите и роль, и место, где она действует.',
  'refusal.access.no_successor': 'Преемником должен быть другой сотрудник.',
  'refusal.organisation.company_unknown': 'Компании с кодом {{code}} нет.',

  'refusal.channels.unknown': 'Канала с кодом {{code}} нет.',
  'refusal.channels.other_kind': 'Канал {{code}} уже есть, но другого вида. Выберите его или возьмите другой код.',

  'refusal.organisation.rows_wrong':
    'Значение «{{value}}» в строке {{row}} не подходит: код повторён или занят каналом другого вида, либо такой компании нет. Ничего не записано; исправьте и повторите.',
  'refusal.organisation.no_columns': 'Ни один столбец не назван компанией или магазином. Выберите.',
  'refusal.organisation.too_many_rows':
    'В одном файле не больше {{limit, number}} компаний и магазинов. Разделите его.',
  'refusal.demonstration.none': 'Демонстрационной группы здесь нет, очищать нечего.',
  'refusal.demonstration.filling': 'Демонстрационная группа ещё заполняется ({{percent}}%). Повторите через минуту.',
  'refusal.demonstration.imports':
    'Кроме демонстрации есть ваши импорты ({{imports}}), поэтому ничего не удалено. Сначала отмените их.',
  'refusal.demonstration.added':
    'Кроме демонстрации добавлены записи ({{records}}) и заказы ({{orders}}), поэтому ничего не удалено.',

  'refusal.members.not_found': 'Такого участника нет; возможно, его импорт отменили.',
  'refusal.members.only_record': 'У участника только одна запись, отделять нечего.',
  'refusal.members.record_elsewhere':
    'Эта запись больше не относится к участнику; возможно, её отделили. Обновите страницу.',
  'refusal.members.record_of_nobody': 'Из записи не видно, кто это. Укажите имя, номер, телефон, почту или документ.',
  'refusal.members.review_not_found': 'Эта пара больше не ждёт решения: кто-то уже решил.',
  'refusal.matching.running': 'Сопоставление ещё идёт. Дождитесь его окончания.',
  'refusal.matching.run_not_found': 'Такого запуска сопоставления нет.',
  'refusal.matching.stopped':
    'Программа остановилась во время сопоставления. Уже объединённое осталось; запустите ещё раз, чтобы продолжить.',
  'refusal.matching.bands_crossed': 'Порог для вопроса не может быть выше порога для объединения.',
  'refusal.members.already_one': 'Это уже один участник.',
  'refusal.members.identity_clash': 'Различается «{{kind}}», это не может быть один человек.',

  'refusal.orders.not_found': 'У участника нет такого заказа.',
  'refusal.orders.not_paid': 'Вернуть деньги можно только за оплаченный заказ.',
  'refusal.orders.refund_too_large': 'Возврат больше, чем осталось от заказа.',
  'refusal.orders.of_nobody': 'Из заказа не видно, кто заказал. Укажите номер клиента или телефон.',

  'refusal.points.insufficient': 'Не хватает баллов: нужно {{needed, number}}, доступно {{available, number}}.',
  'refusal.points.amount': 'Число баллов должно быть целым и больше 0.',
  'refusal.points.source_reused': 'Этот источник уже дал баллы и не может дать другое число.',
  'refusal.points.rule_exists': 'Правило или группа с кодом {{code}} уже есть.',
  'refusal.points.rule_unknown': 'Правила или группы с кодом {{code}} нет.',
  'refusal.points.group_unknown': 'Группы {{code}} нет, или она начинает действовать позже правила.',
  'refusal.points.rule_changed': 'Кто-то только что изменил {{code}}; обновите и посмотрите снова.',
  'refusal.points.effective_in_past': 'С прошедшей даты может действовать только первая версия правила.',
  'refusal.points.page_unknown': 'Этой страницы уже нет, обновите.',

  'refusal.imports.not_found': 'Такого импорта нет.',
  'refusal.imports.wrong_state': 'Импорт уже на другом шаге, обновите страницу.',
  'refusal.imports.begun_otherwise':
    'Часть этого файла уже загружена с другим соответствием столбцов, импорт {{importId}}. Продолжите без нового соответствия или сначала отмените его.',
  'refusal.imports.stopped': 'Чтение остановлено.',

  'refusal.mapping.bad_file': 'Файл соответствия не удалось прочитать.',
  'refusal.mapping.no_file': 'Файл соответствия не найден.',
  'refusal.mapping.nothing_mapped': 'Ни один столбец никуда не идёт. Выберите хотя бы один.',
  'refusal.mapping.nothing_identifies':
    'Ни один столбец не говорит, кто это или какой заказ. Нужно хотя бы имя, номер, телефон, почта, документ или номер заказа.',
  'refusal.mapping.unknown_column': 'В файле нет столбца «{{column}}».',
  'refusal.mapping.unknown_field': '«{{column}}» не может идти в «{{field}}».',
  'refusal.mapping.field_twice': 'Два столбца идут в «{{field}}», может только один.',
  'refusal.mapping.column_twice': '«{{column}}» идёт в два места.',

  'refusal.file.not_found': 'Файл {{name}} не найден.',
  'refusal.file.empty': 'Файл пуст.',
  'refusal.file.no_rows': 'В файле есть заголовок, но под ним пусто.',
  'refusal.file.old_office':
    'Это файл старой офисной программы или файл под защитой. Сохраните его без пароля как .xlsx или CSV UTF-8.',
  'refusal.file.xls': 'Это старый формат .xls. Откройте файл и сохраните как .xlsx или CSV UTF-8.',
  'refusal.file.password': 'Файл защищён паролем. Снимите пароль и сохраните снова.',
  'refusal.file.unknown_format': 'Это не CSV и не XLSX. Сохраните файл в одном из этих форматов.',
  'refusal.file.broken': 'Файл обрезан или повреждён. Выгрузите или скопируйте его заново.',
  'refusal.file.bomb': 'Сжатый файл разворачивается несоразмерно и не прочитан.',
  'refusal.file.entities':
    'В файле есть объявления, ненужные таблице; ради безопасности он не прочитан. Сохраните его заново.',
  'refusal.file.xml_too_deep': 'В файле слишком глубокая вложенность, он не прочитан. Сохраните его заново.',
  'refusal.file.line_too_long': 'Строка {{row, number}} необычно длинная; возможно, пропущен перенос или кавычка.',
  'refusal.file.quote_open':
    'Кавычка, открытая в строке {{row, number}}, нигде не закрыта. Закройте её или напишите дважды.',
  'refusal.file.cell_too_long': 'Одна ячейка необычно длинная; возможно, не закрыта кавычка.',
  'refusal.file.too_many_columns':
    'Столбцов в таблице: {{columns, number}}; прочитать можно не больше {{limit, number}}.',
  'refusal.file.row_too_wide': 'В строке {{row, number}} больше {{limit, number}} ячеек.',
  'refusal.file.too_much_memory': 'Для чтения файла нужно слишком много памяти. Сохраните его как CSV или по частям.',

  'refusal.reactions.unknown': 'Такой фоновой работы нет.',
  'refusal.settings.invalid': 'Такого значения нет: {{field}}. Выберите другое.',
  'refusal.imports.file_gone': 'Файла этого импорта больше нет. Импортируйте файл ещё раз.',
  'refusal.points.tier_exists': 'Уровень {{code}} уже есть или был. Выберите другой код.',
  'refusal.points.tier_unknown': 'Этого уровня больше нет. Обновите страницу.',
  'refusal.points.tier_name_missing': 'Введите название на первом языке группы.',
  'refusal.points.tier_held': 'На этом уровне по приглашению: {{members, number}}. Сначала завершите приглашения.',
  'refusal.points.tier_is_first': 'На этом уровне все без приглашения. Сначала поставьте первым другой.',
  'refusal.points.tier_order_stale': 'Кто-то только что изменил уровни. Обновите страницу.',
  'refusal.points.tiers_too_many': 'Не больше {{most, number}} уровней.',
  'refusal.points.tier_needs_no_invitation': 'На этом уровне все и без приглашения. Завершите нынешнее.',
  'refusal.points.tier_until_past': 'Этот день прошёл. Выберите сегодня или позже.',
  'refusal.points.invitation_unknown': 'Такого приглашения нет. Обновите страницу.',
  'refusal.jobs.not_waiting': 'Задание сейчас идёт или уже закончилось. Посмотрите список снова.',
  'refusal.jobs.unknown': 'Такого задания по расписанию нет.',
  'refusal.desk.view_not_found': 'Такого вида нет: возможно, он удалён в другом окне.',
  'refusal.desk.view_name_taken': 'Вид «{{name}}» уже есть. Выберите другое название.',
  'refusal.desk.too_many_views': 'Видов уже {{limit, number}}, больше нельзя. Сначала удалите один.',
  'refusal.privacy.text_changed': 'У текста новая версия, {{version}}. Спросите по ней.',
  'refusal.privacy.topic_unknown': 'Такого согласия нет.',
  'refusal.privacy.request_unknown': 'Такого запроса нет.',
  'refusal.privacy.request_over': 'Отменить можно только ожидающее удаление.',
  'refusal.privacy.asked_already': 'Удаление уже запрошено. Отмените его или дождитесь.',
  'refusal.privacy.erased': 'Этот участник удалён.',
  'refusal.privacy.rule_unknown': 'Такого правила нет.',
  'refusal.members.erased_at_own_request':
    'Этот человек удалён по своей просьбе. Если он здесь и хочет вернуться, укажите это.',
  'refusal.exports.not_found': 'Такой выгрузки нет.',
  'refusal.exports.too_many_rows': 'Это больше строк, чем вы можете выгрузить за раз. Сузьте отбор.',
  'refusal.exports.too_many': 'Ваши выгрузки готовятся или ждут: {{limit, number}}. Сначала удалите одну.',
  'refusal.exports.clear_not_permitted':
    'Вам нельзя видеть телефоны, почту и документы полностью. Выгрузите их скрытыми.',
  'refusal.exports.wrong_state': 'Сейчас с этой выгрузкой так нельзя. Посмотрите список ещё раз.',
  'refusal.exports.own': 'О вашей выгрузке должен решить кто-то другой.',
  'refusal.exports.no_downloads_left': 'Скачиваний больше нет. Выгрузите ещё раз.',
  'refusal.exports.file_gone': 'Файла больше нет. Выгрузите ещё раз.',
  'refusal.exports.rights_lost':
    'Вам больше нельзя видеть всё, что есть в файле, поэтому он удалён. Выгрузите то, что вам видно.',
  'refusal.exports.no_room': 'На диске мало места. Освободите его и выгрузите ещё раз.',
  'refusal.exports.person_erased': 'В файле мог быть удалённый участник, поэтому файл удалён. Выгрузите ещё раз.',
  'refusal.totals.too_few': 'Такой отбор рассказал бы меньше чем о {{least, number}} людях. Спросите шире.',
}
